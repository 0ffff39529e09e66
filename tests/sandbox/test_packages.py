"""The curated packages: built by pip into a folder of their own, seen read-only inside."""

import subprocess
import sys
from pathlib import Path

import pytest

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import packages
from tdscaling.sandbox.bwrap import BwrapSandbox


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "tdscaling" / "packages"


@pytest.mark.requirement("sandbox.packages")
def test_a_build_is_complete_or_not_there(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def pip(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(argv)
        target = Path(argv[argv.index("--target") + 1])
        (target / "numpy" / "tests").mkdir(parents=True)
        (target / "numpy" / "__init__.py").write_text("x = 1\n", encoding="utf-8")
        return subprocess.CompletedProcess(argv, len(asked) - 1, "", "a\nno wheel for this machine\n")

    monkeypatch.setattr(subprocess, "run", pip)
    assert packages.installed() is None
    built = packages.build()
    assert packages.installed() == built.resolve()
    assert built.is_relative_to(cache)
    assert not (built / "numpy" / "tests").exists()
    assert list((built / "numpy" / "__pycache__").glob("*.pyc"))
    with pytest.raises(SandboxError, match="no wheel for this machine"):
        packages.build()
    assert packages.installed() == built.resolve(), "a failed build leaves the old one"
    assert asked[0][:2] == [sys.executable, "-I"]
    assert {word.split(">")[0] for word in asked[0]} >= {"numpy", "pandas", "openpyxl"}


@pytest.mark.requirement("sandbox.packages")
def test_a_folder_of_ones_own_must_exist(tmp_path: Path) -> None:
    assert packages.installed(tmp_path) == tmp_path.resolve()
    with pytest.raises(SandboxError, match="does not exist"):
        packages.installed(tmp_path / "none")


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.packages")
def test_packages_are_imported_inside_and_can_not_be_changed(tmp_path: Path) -> None:
    (tmp_path / "curated.py").write_text("answer = 42\n", encoding="utf-8")
    sandbox = BwrapSandbox(SandboxLimits(), tmp_path)
    with sandbox.open() as session:
        assert session.run_python("import curated; curated.answer, curated.__file__").value == (
            "(42, '/opt/packages/curated.py')"
        )
        assert session.run_shell("python3 -c 'import curated'").ok
        assert "Read-only" in session.run_shell("echo x >> /opt/packages/curated.py").stderr
        assert not session.run_python("import click").ok, "the product's own packages are not there"
    sandbox.close()


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.packages")
def test_numpy_and_pandas_work_inside_where_they_are_built() -> None:
    built = packages.installed()
    if built is None:
        pytest.skip("not built: `tdscaling sandbox packages`")
    sandbox = BwrapSandbox(SandboxLimits(), built)
    with sandbox.open() as session:
        session.run_python("import pandas as pd, numpy as np", 20)
        code = "int(pd.DataFrame({'a': np.arange(5), 'b': list('xxyyy')}).groupby('b').a.sum()['y'])"
        assert session.run_python(code, 20).value == "9"
    sandbox.close()

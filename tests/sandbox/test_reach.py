"""What a command needs is found from the command, and root's private folders are passed without being shown."""

import os
import sys
from pathlib import Path

import pytest

from tdscaling.errors import SandboxError
from tdscaling.sandbox import linked
from tdscaling.sandbox.reach import reach
from tdscaling.sandbox.stage import first_closed


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a base Python, a virtual environment made from it, and a link to one of its programs."""
    home = tmp_path / "home" / "ann"
    base = home / ".pyenv" / "versions" / "3.99"
    program(base / "bin" / "python3.99", "binary")
    (base / "lib" / "python3.99").mkdir(parents=True)
    (base / "lib" / "python3.99" / "os.py").touch()
    venv = home / "tools" / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text(f"home = {base}/bin\n", encoding="utf-8")
    (venv / "bin" / "python").symlink_to(base / "bin" / "python3.99")
    program(venv / "bin" / "server", f"#!{venv}/bin/python\n")
    (home / ".local" / "bin").mkdir(parents=True)
    (home / ".local" / "bin" / "server").symlink_to("../../tools/venv/bin/server")
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.mark.requirement("sandbox.reach")
def test_a_program_of_an_environment_needs_the_environment_and_its_base(home: Path) -> None:
    found = reach([str(home / ".local" / "bin" / "server"), "--x"], {})
    assert found.argv == (str(home / "tools" / "venv" / "bin" / "server"), "--x")
    assert found.paths == (home / ".pyenv" / "versions" / "3.99", home / "tools" / "venv")


@pytest.mark.requirement("sandbox.reach")
def test_a_project_installed_in_place_is_part_of_its_environment(home: Path) -> None:
    project = home / "work" / "src"
    project.mkdir(parents=True)
    packages = home / "tools" / "venv" / "lib" / "python3.99" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "project.pth").write_text(f"import sys\n{project}\n", encoding="utf-8")
    assert project in reach(["server"], {"PATH": str(home / "tools" / "venv" / "bin")}).paths


@pytest.mark.requirement("sandbox.reach")
def test_a_system_program_needs_nothing_and_its_script_is_one_file(home: Path) -> None:
    for path in ("/usr/bin:/bin", "/bin:/usr/bin"):
        assert reach(["sh", "-c", "true"], {"PATH": path}).paths == ()
    script = program(home / "server.py")
    (home / "diary.txt").touch()
    assert (
        reach([str(home / "tools" / "venv" / "bin" / "python"), "-u", str(script)], {}).paths[-1]
        == home / "tools" / "venv"
    )
    assert script in reach([str(home / "tools" / "venv" / "bin" / "python"), "-u", str(script)], {}).paths
    assert reach(["sh", str(script)], {"PATH": "/usr/bin:/bin"}).paths == (script,)


@pytest.fixture
def project(home: Path) -> Path:
    """A folder with a script, a module and a package, and what is nobody's business."""
    folder = home / "servers"
    program(folder / "server.py")
    (folder / "rpc.py").touch()
    for package in ("tools", "secret"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "secret").chmod(0o700)
    (folder / "data").mkdir()
    for name in (".env", "customers.db", "data/rows.py"):
        (folder / name).touch()
    return folder


@pytest.mark.requirement("sandbox.reach")
@pytest.mark.parametrize("told", ["script", "variable", "folder"])
def test_of_the_folder_that_python_imports_from_modules_and_packages_are_shown(
    home: Path, project: Path, told: str
) -> None:
    python = str(home / "tools" / "venv" / "bin" / "python")
    shown = {
        "script": lambda: reach([python, str(project / "server.py")], {}),
        "variable": lambda: reach([python, "-m", "tools"], {"PYTHONPATH": f"{project}/:relative"}),
        "folder": lambda: reach([python, "-m", "tools"], {}, str(project)),
    }[told]()
    found = [path for path in shown.paths if path.is_relative_to(project)]
    assert found == [project / "rpc.py", project / "server.py", project / "tools"]
    assert reach(["sh", str(project / "server.py")], {"PATH": "/usr/bin:/bin"}).paths == (project / "server.py",)


@pytest.mark.requirement("sandbox.reach")
def test_a_script_in_the_home_itself_shows_no_other_and_a_heap_of_modules_is_no_program(
    home: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = str(home / "tools" / "venv" / "bin" / "python")
    (home / "other.py").touch()
    assert home / "other.py" not in reach([python, str(program(home / "server.py"))], {}).paths
    monkeypatch.setattr(linked, "MOST_BESIDE", 2)
    assert project / "rpc.py" not in reach([python, str(project / "server.py")], {}).paths


@pytest.mark.requirement("sandbox.reach")
def test_a_folder_named_as_an_argument_is_not_shown_for_that(home: Path) -> None:
    assert reach(["sh", str(home)], {"PATH": "/usr/bin:/bin"}).paths == ()
    assert reach(["sh", "-c", str(home / ".bashrc")], {"PATH": "/usr/bin:/bin"}).paths == ()


@pytest.mark.requirement("sandbox.reach")
def test_a_script_of_node_brings_its_package(home: Path) -> None:
    script = program(home / "app" / "dist" / "index.js")
    (home / "app" / "package.json").write_text("{}", encoding="utf-8")
    node = program(home / "bin" / "node", "binary")
    assert reach([str(node), str(script)], {}).paths == (home / "app", node)


@pytest.mark.requirement("sandbox.reach")
def test_running_that_would_show_the_whole_home_is_refused(home: Path) -> None:
    (home / "pyvenv.cfg").touch()
    with pytest.raises(SandboxError, match="would show all of"):
        reach([str(program(home / "bin" / "server"))], {})
    with pytest.raises(SandboxError, match="no such command: missing"):
        reach(["missing"], {"PATH": "/usr/bin"})


@pytest.mark.requirement("sandbox.reach")
def test_this_interpreter_can_be_reached() -> None:
    found = reach([sys.executable, "-V"], {})
    shown = [*found.paths, Path("/usr")]
    assert any(Path(os.path.realpath(sys.executable)).is_relative_to(path) for path in shown)


@pytest.mark.requirement("sandbox.root_drop")
def test_the_first_folder_that_a_stranger_can_not_pass_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "open" / "private" / "open"
    deep.mkdir(parents=True)
    for folder in [tmp_path, *tmp_path.parents]:
        if not folder.stat().st_mode & 1:
            pytest.skip("the folder for tests is itself private")
    for folder in (tmp_path / "open", deep, tmp_path / "open" / "private"):
        folder.chmod(0o755)
    assert first_closed(str(deep)) is None
    (tmp_path / "open" / "private").chmod(0o700)
    assert first_closed(str(deep)) == str(tmp_path / "open" / "private")
    (tmp_path / "open" / "private").chmod(0o755)
    deep.chmod(0o700)
    assert first_closed(str(deep)) == str(deep)

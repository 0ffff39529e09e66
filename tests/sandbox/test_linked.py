"""What a package installs does not decide which folders of the host its server sees."""

from pathlib import Path

import pytest
from tests.sandbox.test_reach import program

from tdscaling.errors import SandboxError
from tdscaling.sandbox.reach import reach

pytestmark = pytest.mark.requirement("sandbox.reach")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private home with a virtual environment in `tools`."""
    home = tmp_path / "ann"
    environment(home / "tools" / "venv")
    home.chmod(0o700)
    monkeypatch.setenv("HOME", str(home))
    return home


def environment(venv: Path) -> None:
    program(venv / "bin" / "server", "binary")
    (venv / "pyvenv.cfg").touch()
    (venv / "lib" / "python3.99" / "site-packages").mkdir(parents=True)


def shown(venv: Path, *lines: object) -> list[Path]:
    """What is shown of the folders in a `.pth` file of the environment."""
    pth = venv / "lib" / "python3.99" / "site-packages" / "x.pth"
    pth.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [path for path in reach([str(venv / "bin" / "server")], {}).paths if path != venv]


def sources(folder: Path, *, mode: int = 0o755, mark: str = "") -> Path:
    (folder / "package").mkdir(parents=True)
    (folder / "package" / "__init__.py").touch()
    if mark:
        (folder / mark).touch()
    folder.chmod(mode)
    return folder


def test_projects_installed_in_place_are_shown_whatever_the_home_around_them(home: Path) -> None:
    flat = sources(home / "flat", mark="pyproject.toml")
    (flat / "README.md").touch()
    bare = sources(home / "work" / "src")
    below = sources(home / "third" / "src", mark="notes.txt")
    (home / "third" / "setup.py").touch()
    expected = [flat / "package", flat / "pyproject.toml", below / "package", bare]
    assert shown(home / "tools" / "venv", flat, bare, f"{below}  ") == expected


def test_of_a_project_somewhere_else_shown_is_what_is_python_and_open(home: Path) -> None:
    project = sources(home / "shop", mark="pyproject.toml")
    for secret in (".env", "token.json"):
        (project / secret).touch()
    (project / ".git").mkdir()
    (project / "data").mkdir()
    (project / "module.py").touch()
    (project / "private.py").touch(mode=0o600)
    sources(project / "closed", mode=0o700)
    sources(project / "services" / "other", mark="setup.py")
    sources(project / ".hidden")
    sources(project / "company" / "cloud")
    program(project / "plain" / "module.py", "")
    (project / "plain" / "templates").mkdir()
    (project / "again").symlink_to("package")
    (project / "out").symlink_to(sources(home / "elsewhere"))
    (project / "hiding").symlink_to(".hidden")
    for nowhere in ("none", "nowhere"):
        (project / nowhere).symlink_to("nowhere")
    names = ["again", "company", "module.py", "package", "plain", "pyproject.toml"]
    assert shown(home / "tools" / "venv", project) == [project / name for name in names]


def test_folders_that_are_no_sources_or_private_are_left_out(home: Path) -> None:
    keys = home / "keys"
    keys.mkdir()
    (keys / "id_rsa").touch()
    private = sources(home / "private", mode=0o700, mark="setup.py")
    hidden = sources(home / ".config" / "src")
    mixed = sources(home / "documents", mark="diary.txt")
    shared = sources(home / "shared", mode=0o1777, mark="setup.py")
    lines = [keys, private, hidden, mixed, shared, home, home.parent, "/", home / "none", "/a\0b", "/" + "x" * 5000]
    assert shown(home / "tools" / "venv", *lines) == []


def test_folders_of_the_system_are_left_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = sources(home.parent / "system" / "src")
    assert shown(home / "tools" / "venv", theirs) == [theirs]
    monkeypatch.setattr("tdscaling.sandbox.linked.DATA", (str(home.parent),))
    assert shown(home / "tools" / "venv", theirs, sources(home / "src")) == [home / "src"]
    monkeypatch.undo()
    assert not [path for path in shown(home / "tools" / "venv", "/etc", "/var/log", "/etc/ssh") if path.exists()]


def test_no_link_and_no_way_round_leads_to_a_private_folder(home: Path) -> None:
    hidden = sources(home / ".ssh" / "src")
    (home / "plain").symlink_to(hidden)
    (home / "round").symlink_to("round")
    assert shown(home / "tools" / "venv", home / "plain", f"/usr/..{hidden}", home / "round") == []


def test_the_project_that_an_environment_lies_in_may_be_private_and_hidden(home: Path) -> None:
    project = sources(home / ".trees" / "shop", mode=0o700, mark="pyproject.toml")
    environment(project / ".venv")
    own = sources(project / "src", mode=0o700)
    secret = sources(project / ".secret", mode=0o700)
    beside = sources(home / ".trees" / "src")
    assert shown(project / ".venv", own, secret, beside) == [own]


def test_a_home_that_is_a_project_opens_nothing_private(home: Path) -> None:
    (home / "pyproject.toml").touch()
    environment(home / "venv")
    assert shown(home / "venv", sources(home / "private", mode=0o700)) == []


def test_an_interpreter_that_a_script_asks_for_is_one_that_others_may_run(home: Path) -> None:
    interpreter = program(home / "bin" / "interpreter", "binary")
    script = program(home / "script", f"#!{interpreter}\n")
    assert reach([str(script)], {}).paths == (interpreter, script)
    interpreter.chmod(0o700)
    with pytest.raises(SandboxError, match="interpreter, which is private"):
        reach([str(script)], {})

"""Live servers in the sandbox: their workspace and nothing else."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tests.environments.fakes import fake

from tdscaling.config.environment import EnvironmentSettings
from tdscaling.environments import LiveEnvironment
from tdscaling.environments.confined import confined_launcher
from tdscaling.errors import ConfigError
from tdscaling.types import Session, ToolKey

ELSEWHERE = ("/etc/new-file.txt", "/usr/new-file.txt")
pytestmark = pytest.mark.sandbox


def there(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if Path(path).exists()]


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    settings = EnvironmentSettings(
        slots=1, confine="require", seed_command=("{python}", "-c", "import pathlib, sys; "
        "pathlib.Path(sys.argv[1], 'note.txt').write_text('here')", "{workspace}")
    )  # fmt: skip
    launcher, warning = confined_launcher(settings)
    assert warning == ""
    live = LiveEnvironment({"fake": fake()}, settings, base=tmp_path, root=tmp_path / "run", launcher=launcher)
    async with live as environment, environment.session(["fake"], 0) as opened:
        assert environment.provenance(["fake"], 0)["confined"] is True
        yield opened


async def called(session: Session, tool: str, text: str = "") -> str:
    result = await session.call(ToolKey("fake", tool), {"text": text})
    return f"error: {result.content}" if result.is_error or result.fault else result.content


@pytest.mark.requirement("environments.confined")
async def test_a_confined_server_reads_and_writes_its_workspace(session: Session) -> None:
    assert await called(session, "read", "/workspace/note.txt") == "here"
    before = await session.snapshot()
    await called(session, "write", "/workspace/new.txt=x")
    assert (await session.snapshot()).leaves.keys() - before.leaves.keys() == {"new.txt"}


@pytest.mark.requirement("environments.confined")
async def test_a_confined_server_reads_no_home_and_writes_nowhere_else(session: Session, tmp_path: Path) -> None:
    secret = tmp_path / "private.txt"
    secret.write_text("hunter2")
    for path in (str(secret), str(Path.home() / ".profile"), str(Path.home() / ".bashrc"), "/etc/shadow"):
        assert "hunter2" not in await called(session, "read", path)
        assert (await called(session, "read", path)).startswith("error"), path
    for path in (*ELSEWHERE, str(tmp_path / "new.txt")):
        await called(session, "write", f"{path}=x")
    assert there(ELSEWHERE) == []
    assert there([str(tmp_path / "new.txt")]) == []


@pytest.mark.requirement("environments.confined")
async def test_a_confined_server_sees_no_variable_of_its_launcher(
    monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    monkeypatch.setenv("LAUNCHER_SECRET", "hunter2")
    assert "hunter2" not in await called(session, "environment")


@pytest.mark.requirement("environments.confined")
def test_confinement_can_be_turned_off_and_says_so() -> None:
    launcher, warning = confined_launcher(EnvironmentSettings(confine="off"))
    assert launcher is None
    assert "unconfined" in warning


@pytest.mark.requirement("environments.confined")
def test_where_it_does_not_work_auto_warns_and_require_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdscaling.environments.confined.trouble", lambda: "no user namespaces")
    launcher, warning = confined_launcher(EnvironmentSettings(confine="auto"))
    assert launcher is None
    assert "no user namespaces" in warning
    with pytest.raises(ConfigError, match="no user namespaces"):
        confined_launcher(EnvironmentSettings(confine="require"))

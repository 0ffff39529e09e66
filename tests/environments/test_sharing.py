"""The files of an episode's servers, shared with the code tool: in by copy, out by export."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.environments.fakes import fake
from tests.fakes import FakeEnvironment

from tdscaling.config.environment import EnvironmentSettings
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.environments import LiveEnvironment, sharing
from tdscaling.environments.code import ALONE, EXPORT, PYTHON, SERVER, SHELL, TOOLS, WithCode, code_tools
from tdscaling.environments.confined import confined_launcher
from tdscaling.pipeline.code_tool import code_tool
from tdscaling.types import Session, ToolKey, diff

pytestmark = pytest.mark.sandbox
SEED = (
    "import pathlib, sys\nroot = pathlib.Path(sys.argv[1])\n(root / 'note.txt').write_text('here')\n"
    "(root / 'src').mkdir()\n(root / 'src' / 'a.py').write_text('x = 1')\n"
    "(root / '.git').mkdir()\n(root / '.git' / 'HEAD').write_text('ref')"
)


@pytest.fixture
async def environment(tmp_path: Path) -> AsyncIterator[WithCode]:
    settings = EnvironmentSettings(slots=1, seed_command=("{python}", "-c", SEED, "{workspace}"))
    launcher, _ = confined_launcher(settings)
    live = LiveEnvironment({"fake": fake()}, settings, base=tmp_path, root=tmp_path / "run", launcher=launcher)
    with code_tool(SandboxSettings(pool=0)) as (sandbox, missing):
        assert sandbox is not None, missing
        async with live:
            yield WithCode(live, sandbox)


async def said(session: Session, key: ToolKey, **arguments: str) -> str:
    result = await session.call(key, arguments)
    return f"error: {result.content}" if result.is_error else result.content


async def server(session: Session, tool: str, text: str) -> str:
    return await said(session, ToolKey("fake", tool), text=text)


@pytest.mark.requirement("environments.sharing")
async def test_code_sees_the_files_of_the_servers_as_they_are_when_the_call_starts(environment: WithCode) -> None:
    async with environment.session(["fake", SERVER], 0) as session:
        assert (
            await said(session, SHELL.key, command="cd /workspace; find . -type f | sort") == "./note.txt\n./src/a.py"
        )
        await server(session, "write", "/workspace/note.txt=changed")
        await server(session, "write", "/workspace/new.txt=new")
        assert await said(session, PYTHON.key, code="print(open('note.txt').read(), open('new.txt').read())") == (
            "changed new"
        )


@pytest.mark.requirement("environments.sharing")
async def test_what_code_changes_stays_until_a_server_changes_the_same_file(environment: WithCode) -> None:
    async with environment.session(["fake", SERVER], 0) as session:
        await said(session, SHELL.key, command="echo mine > note.txt; rm src/a.py")
        assert await said(session, SHELL.key, command="cat note.txt; ls src") == "mine"
        assert await server(session, "read", "/workspace/note.txt") == "here"
        await server(session, "write", "/workspace/note.txt=theirs")
        assert await said(session, SHELL.key, command="cat note.txt") == "theirs"


@pytest.mark.requirement("environments.sharing")
async def test_a_file_gone_from_the_workspace_goes_from_the_sandbox(environment: WithCode) -> None:
    async with environment.session(["fake", SERVER], 0) as session:
        await said(session, SHELL.key, command="true")
        folder = session.workspace  # type: ignore[attr-defined]
        (folder / "note.txt").unlink()
        assert await said(session, SHELL.key, command="find /workspace -type f") == "/workspace/src/a.py"


@pytest.mark.requirement("environments.sharing")
async def test_an_exported_file_is_state_of_the_workspace_and_the_servers_read_it(environment: WithCode) -> None:
    async with environment.session(["fake", SERVER], 0) as session:
        before = await session.snapshot()
        await said(session, PYTHON.key, code="open('/workspace/sum.txt', 'w').write('42')")
        assert diff(before, await session.snapshot()) == ()
        assert await said(session, EXPORT.key, path="/workspace/sum.txt") == "Wrote 2 bytes to /workspace/sum.txt"
        assert await said(session, EXPORT.key, path="sum.txt", to="/workspace/out/b.txt") == (
            "Wrote 2 bytes to /workspace/out/b.txt"
        )
        changed = [change.path.rpartition(":")[2] for change in diff(before, await session.snapshot())]
        assert changed == ["out/", "out/b.txt", "sum.txt"]
        assert await server(session, "read", "/workspace/out/b.txt") == "42"
        assert await said(session, PYTHON.key, code="print(open('/workspace/out/b.txt').read())") == "42"
    async with environment.session(["fake", SERVER], 0) as session:
        assert await said(session, SHELL.key, command="ls /workspace") == "note.txt\nsrc"


@pytest.mark.requirement("environments.sharing")
async def test_a_refused_export_is_an_error_result_that_says_why(environment: WithCode) -> None:
    async with environment.session(["fake", SERVER], 0) as session:
        await said(session, SHELL.key, command="echo x > x")
        assert "error" in await said(session, EXPORT.key, path="missing")
        assert "not a path of the workspace" in await said(session, EXPORT.key, path="x", to="../x")
        assert "repository" in await said(session, EXPORT.key, path="x", to="/workspace/.git/hooks/post-commit")
        assert "needs a text 'path'" in await said(session, EXPORT.key, to="x")


@pytest.mark.requirement("environments.sharing")
async def test_what_is_too_large_is_left_out_and_told_once(
    environment: WithCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MAX_FILE", 4)
    async with environment.session(["fake", SERVER], 0) as session:
        assert (await said(session, SHELL.key, command="ls")).startswith("note.txt\nnot copied")
        assert await said(session, SHELL.key, command="ls") == "note.txt"


@pytest.mark.requirement("environments.sharing")
async def test_what_one_episode_writes_back_has_a_limit(environment: WithCode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MAX_WRITTEN", 5)
    async with environment.session(["fake", SERVER], 0) as session:
        await said(session, SHELL.key, command="printf abc > x")
        assert "Wrote 3" in await said(session, EXPORT.key, path="x")
        assert "error" in await said(session, EXPORT.key, path="x", to="y")


@pytest.mark.requirement("environments.sharing")
async def test_without_files_of_servers_there_is_nothing_to_export_to() -> None:
    with code_tool(SandboxSettings(pool=0)) as (sandbox, missing):
        assert sandbox is not None, missing
        async with WithCode(FakeEnvironment(), sandbox).session(["stock", SERVER], 0) as session:
            assert EXPORT.key not in {tool.key for tool in session.tools}
            assert "Unknown tool" in await said(session, EXPORT.key, path="x")


@pytest.mark.requirement("environments.code")
def test_a_back_end_offers_only_the_tools_that_it_has() -> None:
    assert code_tools({"shell", "files", "tools"}) == TOOLS
    assert code_tools({"shell", "files", "tools"}, shared=False) == (PYTHON, SHELL)
    assert code_tools({"shell", "files", "tools"}, shared=False, calls=False) == (ALONE, SHELL)
    assert code_tools(()) == (ALONE,)

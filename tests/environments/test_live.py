"""Sessions over fake servers: each one starts from the exact world, whatever the ones before did."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.environments.fakes import fake, gone_soon, running

from tdscaling.catalog.mcp import Launch, ServerSpec, direct_launch
from tdscaling.config.environment import EnvironmentSettings, ProbeSettings
from tdscaling.environments import LiveEnvironment, LiveSession, RoutedSession, reuse
from tdscaling.errors import ConfigError, ServerError
from tdscaling.types import Environment, Session, Snapshot, ToolKey, diff

SEED = "import pathlib, sys; pathlib.Path(sys.argv[1], 'world.txt').write_text('world ' + sys.argv[2])"


def live(specs: Sequence[ServerSpec], root: Path, **settings: object) -> LiveEnvironment:
    given = {"seed_command": ["{python}", "-c", SEED, "{workspace}", "{world}"], "slots": 1} | settings
    values = EnvironmentSettings.model_validate(given)
    return LiveEnvironment({spec.name: spec for spec in specs}, values, base=root, root=root / "run")


async def said(session: Session, tool: str, text: str = "", server: str = "fake") -> str:
    return (await session.call(ToolKey(server, tool), {"text": text})).content


@pytest.mark.requirement("environments.isolation")
async def test_what_one_session_writes_the_next_does_not_see(tmp_path: Path) -> None:
    async with live([fake()], tmp_path, worlds=2) as environment:
        states: list[Snapshot] = []
        for world in (0, 1, 0, 0):
            async with environment.session(["fake"], world) as session:
                states.append(await session.snapshot())
                assert await said(session, "read", "/workspace/world.txt") == f"world {world}"
                assert list(await session.paths()) == ["/workspace/world.txt"]
                await said(session, "write", "/workspace/new.txt=x")
                await said(session, "write", "/workspace/world.txt=changed")
                changed = diff(states[-1], await session.snapshot())
                assert [(change.path, change.kind) for change in changed] == [
                    ("new.txt", "added"),
                    ("world.txt", "changed"),
                ]
        assert states[0] == states[2] == states[3] != states[1]


@pytest.mark.requirement("environments.isolation")
async def test_sessions_at_the_same_time_have_workspaces_of_their_own(tmp_path: Path) -> None:
    async with live([fake()], tmp_path, slots=2) as environment:
        barrier = asyncio.Barrier(2)

        async def episode(text: str) -> str:
            async with environment.session(["fake"], 0) as session:
                await said(session, "write", f"/workspace/mine.txt={text}")
                await barrier.wait()
                return await said(session, "read", "/workspace/mine.txt")

        assert await asyncio.gather(episode("one"), episode("two")) == ["one", "two"]


@pytest.mark.requirement("environments.isolation")
async def test_servers_of_one_session_share_its_workspace(tmp_path: Path) -> None:
    async with live([fake("a"), fake("b")], tmp_path) as environment, environment.session(["a", "b"], 0) as session:
        assert {tool.server for tool in session.tools} == {"a", "b"}
        await said(session, "write", "/workspace/shared.txt=hello", "a")
        assert await said(session, "read", "/workspace/shared.txt", "b") == "hello"


@pytest.mark.requirement("environments.faults")
async def test_after_a_fault_the_next_session_has_a_new_process(tmp_path: Path) -> None:
    async with live([fake()], tmp_path, call_timeout=0.3) as environment:
        async with environment.session(["fake"], 0) as session:
            result = await session.call(ToolKey("fake", "hang"), {})
            assert result.fault == "timeout"
            assert (await session.call(ToolKey("fake", "echo"), {"text": "x"})).fault == "timeout"
        async with environment.session(["fake"], 0) as session:
            assert await said(session, "echo", "x") == "x"


@pytest.mark.requirement("environments.results")
async def test_a_breach_of_an_output_schema_is_noticed_in_later_sessions_too(tmp_path: Path) -> None:
    async with live([fake()], tmp_path) as environment:
        async with environment.session(["fake"], 0):
            pass
        assert not environment.notices
        async with environment.session(["fake"], 0) as session:
            assert await said(session, "breaks_schema") == "seven"
        assert environment.notices == ("breaks_schema: output breaks its own schema: 'seven' is not of type 'integer'",)


@pytest.mark.requirement("environments.start")
async def test_a_server_that_does_not_start_frees_its_slot(tmp_path: Path) -> None:
    async with live([fake("good"), fake("bad", "crash at start")], tmp_path) as environment:
        for servers in (["bad"], ["good", "bad"], ["unknown"]):
            with pytest.raises(ServerError):
                async with environment.session(servers, 0):
                    pass
        async with environment.session(["good"], 0) as session:
            assert await said(session, "echo", "x", "good") == "x"


@pytest.mark.requirement("environments.canonical")
async def test_messages_never_hold_the_real_path(tmp_path: Path) -> None:
    async with live([fake()], tmp_path) as environment, environment.session(["fake"], 0) as session:
        result = await session.call(ToolKey("fake", "write"), {"text": "/workspace/a.txt=see /workspace/b"})
        assert result.content == "wrote /workspace/a.txt"
        assert result.structured == {"path": "/workspace/a.txt", "uri": "file:///workspace/a.txt"}
        assert (await said(session, "where")).split()[:2] == ["/workspace", "/home/user"]
        before = (await session.snapshot()).leaves
        assert str(tmp_path) not in json.dumps(dict(before))
    async with live([fake()], tmp_path / "elsewhere") as environment, environment.session(["fake"], 0) as session:
        await said(session, "write", "/workspace/a.txt=see /workspace/b")
        assert (await session.snapshot()).leaves == before


@pytest.mark.requirement("environments.reuse")
async def test_a_server_that_keeps_nothing_is_reused_after_its_check(tmp_path: Path) -> None:
    async with live([fake()], tmp_path, worlds=2) as environment:
        script = [("write", {"text": "/workspace/n.txt=1"}), ("read", {"text": "/workspace/n.txt"})]
        verdict = await environment.self_check("fake", script)
        assert verdict.allowed
        pids: set[str] = set()
        for world in (0, 0, 1):
            async with environment.session(["fake"], world) as session:
                pids.add((await said(session, "where")).split()[2])
        assert len(pids) == 1
        described = environment.provenance(["fake"], 0)
        assert described["servers"] == {"fake": {"version": "fake 1.0", "process": "reused", "reason": verdict.reason}}
    assert gone_soon(int(pids.pop()))


@pytest.mark.requirement("environments.reuse")
@pytest.mark.parametrize(
    ("mode", "script", "reason"),
    [
        ("good", [("remember", {"text": "x"})], "call 1 of the check gave another result"),
        ("makes a file", [("echo", {"text": "x"})], "made-at-start is made by a process as it starts"),
        ("good", [("crash", {})], "the server failed in the check (crash)"),
    ],
)
async def test_a_server_that_keeps_something_gets_a_new_process_each_time(
    mode: str, script: list[tuple[str, dict[str, str]]], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reuse, "PAUSES", (0.0, 0.0))
    async with live([fake(mode=mode)], tmp_path) as environment:
        verdict = await environment.self_check("fake", script)
        assert not verdict.allowed
        assert reason in verdict.reason
        pids: set[str] = set()
        for _ in range(2):
            async with environment.session(["fake"], 0) as session:
                assert await said(session, "remember", "x") == "1 things"
                pids.add((await said(session, "where")).split()[2])
        assert len(pids) == 2


@pytest.mark.requirement("environments.snapshot")
async def test_probes_make_memory_part_of_the_state(tmp_path: Path) -> None:
    probes = {"fake": (ProbeSettings(tool="remember", arguments={"text": "probe"}),)}
    async with live([fake()], tmp_path, probes=probes) as environment, environment.session(["fake"], 0) as session:
        first, second = await session.snapshot(), await session.snapshot()
        assert [change.path for change in diff(first, second)] == ["probe:fake/remember#0"]


@pytest.mark.requirement("environments.seeding")
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seed_command": ["no-such-program"]}, "can't be run"),
        ({"seed_command": ["{python}", "-c", "import sys; sys.exit('no disk')"]}, "failed in world 0: no disk"),
        ({"seed_command": ["sleep", "600"], "seed_timeout": 0.2}, "took more than 0.2 s"),
        ({"seed_command": [], "seed_files": ["absent"]}, "absent can't be copied"),
    ],
)
async def test_a_seeding_that_fails_is_named(settings: dict[str, object], words: str, tmp_path: Path) -> None:
    async with live([fake()], tmp_path, **settings) as environment:
        with pytest.raises(ConfigError, match=words):
            async with environment.session(["fake"], 0):
                pass


@pytest.mark.requirement("environments.seeding")
async def test_seed_files_and_folders_fill_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "inner.txt").write_text("inner", encoding="utf-8")
    (tmp_path / "single.txt").write_text("single", encoding="utf-8")
    settings = {"seed_files": ["data", "single.txt"]}
    async with live([fake()], tmp_path, **settings) as environment, environment.session(["fake"], 0) as session:
        assert await said(session, "read", "/workspace/inner.txt") == "inner"
        assert await said(session, "read", "/workspace/single.txt") == "single"
        assert await said(session, "read", "/workspace/world.txt") == "world 0"


@pytest.mark.requirement("environments.isolation")
async def test_leaving_the_environment_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    async with live([fake()], tmp_path) as environment, environment.session(["fake"], 0) as session:
        pid = int((await said(session, "where")).split()[2])
        assert running(pid)
    assert gone_soon(pid)
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.requirement("environments.canonical")
async def test_a_launcher_may_wrap_the_command_line(tmp_path: Path) -> None:
    seen: list[Path] = []

    def wrapped(spec: ServerSpec, workspace: Path, home: Path) -> Launch:
        seen.append(workspace)
        plain = direct_launch(spec, workspace, home)
        return Launch(
            argv=("/usr/bin/env", "WRAPPED=yes", *plain.argv),
            env=plain.env, cwd=plain.cwd, workspace=plain.workspace, home=plain.home,
        )  # fmt: skip

    environment = LiveEnvironment(
        {"fake": fake()}, EnvironmentSettings(slots=1), base=tmp_path, root=tmp_path, launcher=wrapped
    )
    async with environment, environment.session(["fake"], 0) as session:
        assert "WRAPPED" in await said(session, "environment")
    assert [path.name for path in seen] == ["workspace"]


async def test_live_things_are_what_their_protocols_ask_for(tmp_path: Path) -> None:
    environment: Environment = live([fake()], tmp_path)
    assert environment.worlds == 1
    with pytest.raises(ConfigError, match="not open"):
        async with environment.session(["fake"], 0):
            pass


@pytest.mark.requirement("environments.isolation")
async def test_a_routed_session_sends_each_call_to_its_server(tmp_path: Path) -> None:
    async with (
        live([fake("a"), fake("b")], tmp_path, slots=2) as environment,
        environment.session(["a"], 0) as one,
        environment.session(["b"], 0) as two,
    ):
        assert isinstance(one, LiveSession)
        both: Session = RoutedSession({"a": one, "b": two})
        assert {tool.server for tool in both.tools} == {"a", "b"}
        before = await both.snapshot()
        await said(both, "write", "/workspace/x.txt=1", "b")
        assert [change.path for change in diff(before, await both.snapshot())] == ["b:x.txt"]
        assert (await both.call(ToolKey("c", "echo"), {})).is_error

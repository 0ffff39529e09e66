"""What a run learns of its servers before the first episode."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.environments.fakes import fake

from tdscaling.config.environment import EnvironmentSettings
from tdscaling.config.run import RunConfig
from tdscaling.environments import LiveEnvironment, reuse
from tdscaling.pipeline.knowledge import Knowledge
from tdscaling.pipeline.prepare import get_to_know, without_clusters
from tdscaling.types import Exploration, Tool, ToolKey, diff

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


async def pids(environment: LiveEnvironment) -> set[str]:
    """The processes that two sessions see."""
    found: set[str] = set()
    for _ in range(2):
        async with environment.session(["fake"], 0) as session:
            found.add((await session.call(ToolKey("fake", "where"), {})).content.split()[2])
    return found


@asynccontextmanager
async def known(folder: Path, *names: str, **settings: object) -> AsyncGenerator[tuple[LiveEnvironment, Knowledge]]:
    """What is found of these tools of the fake server, and the environment after it."""
    values = EnvironmentSettings.model_validate({"slots": 1} | settings)
    async with LiveEnvironment({"fake": fake()}, values, base=folder, root=folder / "run") as environment:
        tools = [Tool(server="fake", name=name, input_schema=TEXT) for name in names]
        yield environment, await get_to_know(tools, environment, RunConfig(sources=("servers.json",)))


async def learned(folder: Path, *names: str, reuse: bool = True) -> tuple[dict[str, bool], set[str], object]:
    """The verdicts on reuse after these tools of the fake server were explored, the processes of two later
    sessions, and what a trajectory would say of the process."""
    async with known(folder, *names, reuse=reuse) as (environment, knowledge):
        seen = await pids(environment)
        return dict(knowledge.reuse), seen, environment.provenance(["fake"], 0)["servers"]


@pytest.mark.requirement("pipeline.reuse")
async def test_a_server_of_which_no_call_worked_is_never_reused(tmp_path: Path) -> None:
    verdicts, seen, described = await learned(tmp_path, "crash")
    assert verdicts == {"fake": False}
    assert len(seen) == 2
    assert "no call of it worked" in str(described)


@pytest.mark.requirement("pipeline.reuse")
async def test_a_server_that_passed_the_check_is_reused(tmp_path: Path) -> None:
    verdicts, seen, _ = await learned(tmp_path, "echo")
    assert verdicts == {"fake": True}
    assert len(seen) == 1


@pytest.mark.requirement("pipeline.reuse")
async def test_where_reuse_is_forbidden_nothing_is_checked_and_every_process_is_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def checked(*_: object) -> None:
        raise AssertionError("it was checked")

    monkeypatch.setattr(LiveEnvironment, "_checked", checked)
    verdicts, seen, described = await learned(tmp_path, "echo", reuse=False)
    assert verdicts == {"fake": False}
    assert len(seen) == 2
    assert "'process': 'fresh', 'reason': 'environment.reuse is false'" in str(described)


def test_a_run_made_before_reuse_could_be_forbidden_goes_on() -> None:
    """What names a run and its items: the field is there only where it is used."""
    assert "reuse" not in RunConfig(sources=("a",)).decisive()["environment"]
    forbidden = RunConfig(sources=("a",), environment=EnvironmentSettings(reuse=False))
    assert forbidden.decisive()["environment"]["reuse"] is False


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "PAUSES", (0.0, 0.0))


@pytest.mark.usefixtures("at_once")
@pytest.mark.requirement("pipeline.memory")
async def test_what_a_server_keeps_in_memory_is_state_that_its_readers_show(tmp_path: Path) -> None:
    """Its writer answers by chance alone, so only what is read first tells a used process."""
    async with known(tmp_path, "jot", "list_things") as (environment, knowledge):
        assert dict(knowledge.reuse) == {"fake": False}
        assert {profile.tool.name: profile.effect for profile in knowledge.profiles} == {
            "jot": "write",
            "list_things": "read",
        }
        assert [profile.volatile for profile in knowledge.profiles] == [True, False]
        again = Knowledge.loaded(knowledge.dumped())
        assert [(server, [tool for tool, _ in calls]) for server, calls in again.probes] == [("fake", ["list_things"])]
        async with environment.session(["fake"], 0) as session:
            before = await session.snapshot()
            await session.call(ToolKey("fake", "jot"), {"text": "x"})
            assert [change.path for change in diff(before, await session.snapshot())] == ["probe:fake/list_things#0"]


@pytest.mark.usefixtures("at_once")
@pytest.mark.requirement("pipeline.memory")
@pytest.mark.parametrize(
    ("tool", "why"),
    [("remember", "that no reading call was found to show"), ("get_number", "that changes as it is read")],
)
async def test_memory_that_nothing_shows_is_said(tool: str, why: str, tmp_path: Path) -> None:
    async with known(tmp_path, tool) as (_, knowledge):
        assert knowledge.problems == (
            f"server 'fake' keeps state in memory {why}: what its tools write is taken for reading; "
            "name calls that show it under environment.probes",
        )
        assert knowledge.probes == ()
    named = {"fake": [{"tool": "list_things", "arguments": {"text": ""}}]}
    async with known(tmp_path, tool, probes=named) as (_, knowledge):
        assert knowledge.problems == ()
        assert [profile.effect for profile in knowledge.profiles] == ["write"]


@pytest.mark.usefixtures("at_once")
@pytest.mark.requirement("pipeline.unknown")
async def test_tools_that_never_worked_are_named_with_what_the_first_call_gave(tmp_path: Path) -> None:
    async with known(tmp_path, "echo", "refuse") as (_, knowledge):
        assert knowledge.problems == (
            "of server 'fake' 1 tool of which no call worked in exploration: refuse (no such argument)",
        )
        assert {profile.tool.name for profile in knowledge.profiles} == {"echo"}


@pytest.mark.requirement("pipeline.unknown")
def test_why_there_is_no_cluster_is_said(tmp_path: Path) -> None:
    clusters = tmp_path / "clusters.jsonl"
    clusters.touch()
    assert without_clusters(tmp_path, Exploration(profiles={}), ()) == (
        "no cluster of tools: it takes 3 that feed one another, and 0 worked in exploration"
    )
    clusters.write_text("{}", encoding="utf-8")
    assert without_clusters(tmp_path, Exploration(profiles={}), ["a: b"]) == (
        "no cluster of tools worked in exploration (a: b)"
    )

"""What a run learns of its servers before the first episode."""

from pathlib import Path

import pytest
from tests.environments.fakes import fake

from tdscaling.config.environment import EnvironmentSettings
from tdscaling.config.run import RunConfig
from tdscaling.environments import LiveEnvironment
from tdscaling.pipeline.prepare import get_to_know
from tdscaling.types import Tool, ToolKey

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


async def pids(environment: LiveEnvironment) -> set[str]:
    """The processes that two sessions see."""
    found: set[str] = set()
    for _ in range(2):
        async with environment.session(["fake"], 0) as session:
            found.add((await session.call(ToolKey("fake", "where"), {})).content.split()[2])
    return found


async def learned(folder: Path, *names: str, reuse: bool = True) -> tuple[dict[str, bool], set[str], object]:
    """The verdicts on reuse after these tools of the fake server were explored, the processes of two later
    sessions, and what a trajectory would say of the process."""
    config = RunConfig(sources=("servers.json",))
    settings = EnvironmentSettings(slots=1, reuse=reuse)
    environment = LiveEnvironment({"fake": fake()}, settings, base=folder, root=folder / "run")
    async with environment:
        tools = [Tool(server="fake", name=name, input_schema=TEXT) for name in names]
        knowledge = await get_to_know(tools, environment, config)
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

"""What a call changes on another host stays: tools that would change it are never called there, by nobody."""

from pathlib import Path

import pytest
from tests.environments.fakes import fake
from tests.environments.test_http import served
from tests.pipeline import runs
from tests.pipeline.runs import rows, tdscaling

from tdscaling.catalog.mcp import ServerSpec
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.environments import LiveEnvironment
from tdscaling.pipeline.knowledge import Knowledge
from tdscaling.pipeline.lasting import guarded
from tdscaling.types import Tool, ToolKey


def names(tools: list[Tool]) -> list[str]:
    return [tool.name for tool in tools]


def tools(server: str, *named: str, **hints: bool) -> list[Tool]:
    return [Tool(server=server, name=name, annotations=dict(hints)) for name in named]


def environment(folder: Path, spec: ServerSpec, **settings: object) -> LiveEnvironment:
    values = EnvironmentSettings.model_validate({"slots": 1} | settings)
    return LiveEnvironment({spec.name: spec}, values, base=folder, root=folder / "run")


@pytest.mark.requirement("pipeline.lasting")
async def test_of_a_server_by_url_only_tools_that_read_are_called(tmp_path: Path) -> None:
    async with served() as url, environment(tmp_path, ServerSpec(name="remote", url=url)) as live:
        found = [*tools("remote", "get_row", "double", "delete_row"), *tools("remote", "sum", readOnlyHint=True)]
        called, lines = guarded(live, found, ())
        assert names(called) == ["get_row", "sum"]
        assert lines == [
            "server 'remote' is reached by its url, so what is written there stays: tools that don't say that they "
            "only read are never called: double, delete_row; over stdio each episode has a server of its own"
        ]
        async with live.session(["remote"], 0) as session:
            refused = await session.call(ToolKey("remote", "double"), {"number": 2})
        assert (refused.is_error, refused.content) == (True, "Permission denied: double can't be called here")


@pytest.mark.requirement("pipeline.lasting")
async def test_of_a_server_that_may_use_the_network_tools_that_destroy_are_not_called(tmp_path: Path) -> None:
    async with environment(tmp_path, fake(), network=["fake"]) as live:
        found = [*tools("fake", "echo", "write", "purge_all"), *tools("fake", "sync", destructiveHint=True)]
        called, lines = guarded(live, found, ["fake"])
        assert names(called) == ["echo", "write"]
        assert lines == [
            "server 'fake' may use the network, so what is destroyed there may be for good: "
            "never called: purge_all, sync"
        ]
        assert guarded(live, found, ()) == (found, [])


@pytest.mark.requirement("pipeline.lasting")
def test_a_run_holds_to_it_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = runs.setup(tmp_path, wanted=3, more="roles: {}\n")
    command = ("synthesize", path, "-o", tmp_path / "run", "--set", "environment.network=[shop]")
    for _ in range(2):
        ended = tdscaling(capsys, *command)
        assert ended.code == 0, ended.err
        assert "never called: delete_order" in ended.err
    (stored,) = rows(tmp_path / "run", "SELECT value FROM explorations")[0]
    assert isinstance(stored, bytes)
    known = {profile.tool.name for profile in Knowledge.loaded(stored).profiles}
    assert "create_order" in known
    assert "delete_order" not in known

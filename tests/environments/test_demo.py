"""The demo's real servers on the worlds they work on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tdscaling.catalog.mcp import list_tools, read_mcp_config
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.environments import LiveEnvironment
from tdscaling.environments.state import Snapshotter, StateRules
from tdscaling.types import JsonObject, ToolKey

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "demo" / "servers.json"
SEED = ("{python}", "demo/seed_world.py", "--seed", "{seed}", "{workspace}")
INSTALLED = all((ROOT / ".demo" / name / "bin").is_dir() for name in ("servers", "sqlite"))
real = pytest.mark.skipif(not INSTALLED, reason="the demo's servers are not installed under .demo")
EVERYTHING = ("excel", "git", "kb", "sqlite", "time")


def world(folder: Path, seed: int) -> dict[str, str]:
    folder.mkdir()
    argv = [sys.executable, str(ROOT / "demo" / "seed_world.py"), "--seed", str(seed), str(folder)]
    subprocess.run(argv, check=True, capture_output=True)
    return Snapshotter(StateRules()).leaves(folder)


@pytest.mark.requirement("environments.demo")
def test_a_world_is_the_same_for_the_same_seed_and_built_otherwise_for_another(tmp_path: Path) -> None:
    one, again, other = world(tmp_path / "1", 3), world(tmp_path / "2", 3), world(tmp_path / "3", 4)
    assert one == again

    def tables(leaves: dict[str, str]) -> set[str]:
        return {path for path in leaves if path.startswith("shop.db#") and "[" not in path}

    assert tables(one) != tables(other)
    assert any(path.endswith(".git#HEAD") for path in one)
    assert any(path.endswith(".xlsx!xl/workbook.xml") for path in one)


def test_the_demos_configuration_names_only_commands_that_its_requirements_install() -> None:
    specs = read_mcp_config(CONFIG, {})
    assert set(specs) == set(EVERYTHING)
    pinned = (ROOT / "demo" / "requirements-servers.txt").read_text() + (
        ROOT / "demo" / "requirements-sqlite.txt"
    ).read_text()
    for spec in specs.values():
        assert f"{Path(spec.command).name}==" in pinned


@real
@pytest.mark.servers
@pytest.mark.requirement("environments.demo")
async def test_every_demo_server_lists_its_tools_without_a_problem(tmp_path: Path) -> None:
    tools, problems = await list_tools(read_mcp_config(CONFIG), workspace=tmp_path, within=60)
    assert not problems
    assert {tool.server for tool in tools} == set(EVERYTHING)
    assert next(tool for tool in tools if tool.key == ToolKey("git", "git_status")).read_only is True


@real
@pytest.mark.servers
@pytest.mark.requirement("environments.demo", "environments.reuse")
async def test_demo_servers_work_together_on_a_world_and_may_be_reused(tmp_path: Path) -> None:
    settings = EnvironmentSettings(worlds=2, slots=1, seed_command=SEED, start_timeout=60)
    environment = LiveEnvironment(read_mcp_config(CONFIG), settings, base=ROOT, root=tmp_path / "run", seed=1)
    async with environment:
        async with environment.session(EVERYTHING, 0) as session:
            state = (await session.snapshot()).leaves
            repository = f"/workspace/{next(path for path in state if path.endswith('/.git/'))[:-6]}"
            calls: list[tuple[str, str, JsonObject]] = [
                ("git", "git_add", {"repo_path": repository, "files": ["."]}),
                ("git", "git_commit", {"repo_path": repository, "message": "All of it"}),
                ("excel", "list_workbooks", {}),
                ("sqlite", "write_query", {"query": "CREATE TABLE audit (note TEXT)"}),
                ("kb", "save", {"ns": "n", "key": "k", "title": "A note"}),
                ("time", "convert_time", {"source_timezone": "UTC", "time": "10:00", "target_timezone": "Asia/Tokyo"}),
            ]
            for server, tool, arguments in calls:
                result = await session.call(ToolKey(server, tool), arguments)
                assert not result.is_error, (server, result.content)
                assert str(tmp_path) not in json.dumps([result.content, result.structured])
            changed = {path for path, value in (await session.snapshot()).leaves.items() if state.get(path) != value}
            assert any("/.git#refs/heads/" in path for path in changed)
            assert "shop.db#audit" in changed
            assert any(path.endswith("].title") and path.startswith("kb.db#entries[") for path in changed)
        script = [(tool, arguments) for server, tool, arguments in calls if server == "git"]
        assert (await environment.self_check("git", script)).allowed
        async with environment.session(["git"], 0) as session:
            assert (await session.snapshot()).leaves == state

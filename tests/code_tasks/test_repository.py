"""Repository tasks: in a live git server's workspace, mended, tested and committed."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.house.files import ROOT

from tdscaling.catalog.mcp import ServerSpec
from tdscaling.code_tasks.make import Workshop
from tdscaling.code_tasks.repository import NEEDED, git_server, repository
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.config.run import RunConfig
from tdscaling.environments.live import LiveEnvironment
from tdscaling.environments.planted import committed
from tdscaling.pipeline.cast import Cast
from tdscaling.pipeline.code_plans import hosting
from tdscaling.pipeline.code_supply import code_supply
from tdscaling.pipeline.code_tasks import CodeEpisodes, CodeTargets
from tdscaling.rollout import RolloutLimits
from tdscaling.sandbox import Sandbox, SandboxSession
from tdscaling.sandbox.protocol import Ability
from tdscaling.store import Item, Outcome
from tdscaling.types import JsonObject, Tool

GIT = ROOT / ".demo" / "servers" / "bin" / "mcp-server-git"
WHO = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"), ("DATE", "1767600000 +0000"))}  # fmt: skip


def tool(name: str, server: str = "git") -> Tool:
    return Tool(
        server=server, name=name, input_schema={"type": "object", "properties": {"repo_path": {"type": "string"}}}
    )


@pytest.mark.requirement("code_tasks.repository")
def test_a_git_server_is_known_by_its_tools() -> None:
    assert git_server([tool(name) for name in NEEDED]) == "git"
    assert git_server([tool(name) for name in NEEDED[1:]]) is None
    assert git_server([Tool(server="git", name=name) for name in NEEDED]) is None


@pytest.mark.requirement("code_tasks.repository")
def test_the_same_versions_make_the_same_commits() -> None:
    def head(files: Mapping[str, bytes]) -> bytes:
        return files["box/.git/refs/heads/main"]

    one = committed("box", [("First", {"box/a.py": b"1"}), ("Second", {"box/a.py": b"2"})])
    two = committed("box", [("First", {"box/a.py": b"1"}), ("Second", {"box/a.py": b"2"})])
    other = committed("box", [("First", {"box/a.py": b"1"}), ("Second", {"box/a.py": b"3"})])
    assert head(one) == head(two) != head(other)
    assert one["box/a.py"] == b"2"


@pytest.mark.sandbox
@pytest.mark.requirement("code_tasks.repository")
def test_without_a_git_server_the_kind_is_left_out_with_a_line(sandbox: Sandbox) -> None:
    found = code_supply(RunConfig(sources=("a",)), Path("/"), sandbox, None)
    assert "repository" not in found.targets.kinds
    assert found.problems == ("code tasks of kind repository are left out: no git server among the sources",)


class _PythonOnly:
    """A sandbox that can do no more than run Python; opening it would be a mistake."""

    name = "small"
    abilities: frozenset[Ability] = frozenset()

    def open(self) -> SandboxSession:
        raise AssertionError("it was opened")

    def provenance(self) -> JsonObject:
        return {}

    def close(self) -> None:
        """Nothing to do."""


@pytest.mark.requirement("code_tasks.mixture")
def test_a_sandbox_without_a_shell_makes_no_code_tasks_and_a_line_says_why() -> None:
    found = code_supply(RunConfig(sources=("a",)), Path("/"), _PythonOnly(), None)
    assert found.targets.ask(5) == []
    assert found.problems == ("no code tasks: they need a shell and files in the sandbox, and small has Python only",)


@pytest.mark.sandbox
@pytest.mark.servers
@pytest.mark.skipif(not GIT.exists(), reason="the demo's servers are not installed (make servers)")
@pytest.mark.requirement("code_tasks.repository", "code_tasks.controls")
async def test_the_fault_is_found_mended_tested_and_committed(sandbox: Sandbox, tmp_path: Path) -> None:
    spec = ServerSpec(name="git", command=str(GIT), env=WHO)
    settings = EnvironmentSettings(confine="off")
    async with LiveEnvironment({"git": spec}, settings, base=tmp_path, root=tmp_path / "slots") as environment:
        async with environment.session(["git"], 0) as session:
            live = list(session.tools)
        host = hosting(environment, live)
        assert host is not None
        cast = Cast(RunConfig(sources=("a",)), {})
        episodes = CodeEpisodes(Workshop(sandbox, packages=False), cast, 3, RolloutLimits(), host)
        ended: list[Outcome] = []
        for number, target in enumerate(CodeTargets(("repository",), 3).ask(2)):
            ended.append(await episodes.run(Item(hash=f"{number:064x}", order=number, target=target, kind="code")))
    kept = [one.trajectory for one in ended if one.trajectory and one.trajectory.verdict.kept]
    assert len(kept) == 2, [one.rejection or one.trajectory for one in ended]
    for trajectory in kept:
        names = [call.name for _, call in trajectory.dialogue.calls()]
        assert names[-1] == "git_commit"
        assert "export_file" in names
        assert any(message.is_error for message in trajectory.dialogue.messages)
        assert {"hidden_tests", "effects", "replay"} <= {check.name for check in trajectory.verdict.checks}
        assert trajectory.provenance["code_task"]["kind"] == "repository"  # type: ignore[index, call-overload]


@pytest.mark.sandbox
@pytest.mark.requirement("code_tasks.repository", "code_tasks.seeded")
def test_the_same_seed_makes_the_same_repository(sandbox: Sandbox) -> None:
    assert repository(4, sandbox, "git") == repository(4, sandbox, "git")

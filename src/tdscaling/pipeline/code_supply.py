"""What a run's code tasks are made from: the sandbox, the user's own tasks and databases."""

from dataclasses import dataclass
from pathlib import Path

from tdscaling.code_tasks.given import read_given
from tdscaling.code_tasks.make import Workshop, workshop
from tdscaling.code_tasks.sql.task import MAX_BYTES
from tdscaling.code_tasks.task import CodeTask
from tdscaling.config.run import RunConfig
from tdscaling.errors import ConfigError, DataError
from tdscaling.pipeline.code_plans import Hosting
from tdscaling.pipeline.code_tasks import CodeTargets
from tdscaling.sandbox import Sandbox
from tdscaling.types import CodeKind


@dataclass(frozen=True, slots=True)
class CodeSupply:
    """The workshop and the targets of a run, with a line for everything that was left out."""

    workshop: Workshop
    targets: CodeTargets
    problems: tuple[str, ...]


def code_supply(config: RunConfig, base: Path, sandbox: Sandbox, host: Hosting | None) -> CodeSupply:
    """Reads what the config names; relative paths start at `base`. `host` is the git server, if the run has one.
    Raises SandboxError."""
    if not {"shell", "files"} <= sandbox.abilities:
        why = f"no code tasks: they need a shell and files in the sandbox, and {sandbox.name} has Python only"
        return CodeSupply(Workshop(sandbox, packages=False), CodeTargets((), config.seed), (why,))
    problems: list[str] = []
    tasks: list[CodeTask] = []
    for name in config.code_tasks.paths:
        try:
            found = read_given(base / name)
        except (ConfigError, DataError) as exc:
            problems.append(str(exc))
            continue
        tasks += found.tasks
        problems += found.problems
    if config.roles.assistant == "procedural":
        unsolved = [task for task in tasks if not task.steps]
        problems += [f"{task.origin}: it has no solution, so only a model can play the assistant" for task in unsolved]
        tasks = [task for task in tasks if task.steps]
    databases = [found for name in config.code_tasks.databases if (found := _database(base / name, problems))]
    kinds: list[CodeKind] = [kind for kind in config.code_tasks.kinds if kind != "given"]
    if "repository" in kinds and host is None:
        kinds.remove("repository")
        problems.append("code tasks of kind repository are left out: no git server among the sources")
    made = workshop(sandbox, databases, tasks)
    return CodeSupply(made, CodeTargets(tuple(kinds), config.seed, len(tasks)), tuple(problems))


def _database(path: Path, problems: list[str]) -> tuple[str, bytes] | None:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as exc:
        problems.append(f"{path} can't be read: {exc.strerror or exc}")
        return None
    if size > MAX_BYTES:
        problems.append(f"{path} has {size >> 20} MiB; databases of up to {MAX_BYTES >> 20} are taken")
        return None
    if not data.startswith(b"SQLite format 3\0"):
        problems.append(f"{path} is no SQLite database")
        return None
    return path.name, data

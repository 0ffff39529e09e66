"""Every kind of task by its name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tdscaling.code_tasks.analysis.task import analysis
from tdscaling.code_tasks.implementing.task import implement
from tdscaling.code_tasks.repair import repair
from tdscaling.code_tasks.sql.task import text_to_sql
from tdscaling.code_tasks.task import CodeTask, TaskRejectedError
from tdscaling.sandbox import Sandbox
from tdscaling.types import CodeKind

_PACKAGES = "from importlib.util import find_spec\nprint(all(map(find_spec, ['pandas', 'openpyxl'])))"


@dataclass(frozen=True, slots=True)
class Workshop:
    """What tasks are made with. `packages`: whether code there can import pandas and openpyxl; `databases` and `given`
    are the user's own."""

    sandbox: Sandbox
    packages: bool
    databases: Sequence[tuple[str, bytes]] = ()
    given: Sequence[CodeTask] = ()

    def make(self, kind: CodeKind, seed: int) -> CodeTask:
        """A task before its controls. Raises TaskRejectedError, SandboxError."""
        makers: Mapping[str, Callable[[], CodeTask]] = {
            "sql": lambda: text_to_sql(seed, self._database(seed)),
            "analysis": lambda: analysis(seed, self.packages),
            "repair": lambda: repair(seed, self.sandbox),
            "implement": lambda: implement(seed, self.sandbox),
            "given": lambda: self._own(seed),
        }
        if kind not in makers:
            raise TaskRejectedError("kind_not_available", kind)
        return makers[kind]()

    def _database(self, seed: int) -> tuple[str, bytes] | None:
        if not self.databases or seed % 2:
            return None
        return self.databases[seed // 2 % len(self.databases)]

    def _own(self, seed: int) -> CodeTask:
        if not 0 <= seed < len(self.given):
            raise TaskRejectedError("no_such_task", f"{seed} of {len(self.given)}")
        task = self.given[seed]
        return replace(task, work=replace(task.work, seed=seed))


def workshop(sandbox: Sandbox, databases: Sequence[tuple[str, bytes]] = (), given: Sequence[CodeTask] = ()) -> Workshop:
    """A workshop that knows what its sandbox can import. Raises SandboxError."""
    session = sandbox.open()
    try:
        done = session.run_python(_PACKAGES)
    finally:
        session.close()
    return Workshop(sandbox, done.stdout.strip() == "True", tuple(databases), tuple(given))

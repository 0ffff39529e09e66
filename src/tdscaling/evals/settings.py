"""What every adapter is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tdscaling.config.models import ModelSettings
from tdscaling.evals.asking import Asked

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`folder`: answers and the result. `cache`: environments of benchmark packages. `given`: what the user names with
    --tasks. `categories` and `user` are for the benchmarks that know them. `tell` is called with what was done of how
    much."""

    model: ModelSettings
    folder: Path
    cache: Path
    environ: Mapping[str, str]
    given: Path | None = None
    limit: int | None = None
    categories: tuple[str, ...] = ()
    user: ModelSettings | None = None
    tell: Callable[[int, int], None] = lambda done, of: None

    def asked(self, questions: int) -> Asked:
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            self.tell(done, questions)

        return Asked(settings=self.model, folder=self.folder, environ=self.environ, on_answer=count)

    def first(self, tasks: Sequence[T]) -> Sequence[T]:
        return tasks if self.limit is None else tasks[: self.limit]

    def limits(self) -> dict[str, str]:
        return {} if self.limit is None else {"limited to": f"the first {self.limit} tasks: no figure of the benchmark"}

"""What every adapter is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tdscaling.config.models import ModelSettings
from tdscaling.evals.asking import Asked
from tdscaling.evals.outcome import Item, Outcome, share, versions
from tdscaling.llm.secrets import Secret
from tdscaling.types import JsonValue

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`folder`: answers and the result. `cache`: environments of benchmark packages. `given`: what the user names with
    --given; `parts`: with --part. `user`: who plays the user, where a benchmark has one; `trials`: how often each task
    is played there. `tell` is called with what was done of how much, `notice` with a line for the user meanwhile."""

    model: ModelSettings
    folder: Path
    cache: Path
    environ: Mapping[str, str]
    given: Path | None = None
    parts: tuple[str, ...] = ()
    user: ModelSettings | None = None
    limit: int | None = None
    trials: int = 1
    tell: Callable[[int, int], None] = lambda done, of: None
    notice: Callable[[str], None] = lambda _: None

    def asked(self, questions: int) -> Asked:
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            self.tell(done, questions)

        return Asked(settings=self.model, folder=self.folder, environ=self.environ, on_answer=count, notice=self.notice)

    def job(self, name: str) -> dict[str, JsonValue]:
        """What a script in the environment of a benchmark is told of the endpoint, and its folder. Raises ConfigError
        for a key that is not set."""
        return {"folder": str((self.folder / name).absolute()), **endpoint(self.model, self.environ, name)}

    def first(self, tasks: Sequence[T]) -> Sequence[T]:
        return tasks if self.limit is None else tasks[: self.limit]

    def outcome(
        self,
        benchmark: str,
        scored: Mapping[str, Sequence[Item]],
        items: Sequence[Item] | None = None,
        *,
        by: Mapping[str, str],
        about: Mapping[str, str],
    ) -> Outcome:
        """What the model came to. `scored`: the items by the score that is their share passed; `items`: all of them,
        where one counts for several scores; `by`: the versions of what judged."""
        limits = {"limited to": f"the first {self.limit} tasks: no figure of the benchmark"}
        return Outcome(
            benchmark=benchmark,
            model=self.model.model,
            base_url=self.model.base_url,
            scores={name: share(some) for name, some in scored.items()},
            tasks={name: len(some) for name, some in scored.items()},
            versions=versions(**by),
            about={**about, **({} if self.limit is None else limits)},
            items=tuple(items if items is not None else (item for some in scored.values() for item in some)),
        )


def endpoint(model: ModelSettings, environ: Mapping[str, str], name: str) -> dict[str, JsonValue]:
    """What a script is told of one endpoint. Raises ConfigError for a key that is not set."""
    secret = Secret.from_environment(model.api_key_env, environ, name)
    return {
        "base_url": model.base_url,
        "model": model.model,
        "key": secret.value if secret else None,
        "concurrency": model.concurrency,
        "max_tokens": model.max_tokens,
        "retries": model.retries,
        "timeout": model.timeout,
    }

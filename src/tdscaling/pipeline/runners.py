"""Who makes the episode of an item."""

from dataclasses import dataclass

from tdscaling.errors import ConfigError
from tdscaling.pipeline.code_tasks import CodeEpisodes, is_code
from tdscaling.pipeline.episode import Episodes
from tdscaling.pipeline.slots import Slots
from tdscaling.pipeline.workers import Workers
from tdscaling.store import Item, Outcome


@dataclass(frozen=True, slots=True)
class Runners:
    """The business part of a run and its code part, either of which may be missing. At most `slots` episodes are at
    work at a time in this process; what other processes do waits for its turn there."""

    business: Episodes | None
    code: CodeEpisodes | None
    slots: Slots
    workers: Workers | None = None

    async def run(self, item: Item) -> Outcome:
        """The outcome of an item. Raises StopError, BoundaryError where a worker was killed."""
        workers = self.workers if self.workers is not None and self.workers.take(item) else None
        if workers is not None and workers.whole:
            return await workers.run(item)
        made = self.code if is_code(item.target) else self.business
        if made is None:
            raise ConfigError(f"the run has nothing to make {item.target.cluster} from")
        if workers is not None:
            return await made.run(item)  # it takes its slots itself
        async with self.slots.turn(item.order):
            return await made.run(item)

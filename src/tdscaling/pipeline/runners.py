"""Who makes the episode of an item."""

from dataclasses import dataclass

from tdscaling.errors import ConfigError
from tdscaling.pipeline.code_tasks import CodeEpisodes, is_code
from tdscaling.pipeline.episode import Episodes
from tdscaling.store import Item, Outcome


@dataclass(frozen=True, slots=True)
class Runners:
    """The business part of a run and its code part, either of which may be missing."""

    business: Episodes | None
    code: CodeEpisodes | None

    async def run(self, item: Item) -> Outcome:
        """The outcome of an item. Raises StopError."""
        made = self.code if is_code(item.target) else self.business
        if made is None:
            raise ConfigError(f"the run has nothing to make {item.target.cluster} from")
        return await made.run(item)

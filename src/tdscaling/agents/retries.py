"""What the procedural assistant does about a call that failed by no fault of its own: again, or after a new look."""

import re

from tdscaling.types import Blueprint, FromOutput, Message, Step

MAX_TRIES = 3
"""How often one step is made again."""
_PASSING = re.compile(
    r"\btry again\b|\bcall again\b|timed out|too many requests|rate limit|temporarily|unavailable for", re.I
)
_STALE = re.compile(r"no longer valid|was replaced|look it up again|stale|has expired", re.I)


class Retries:
    """Steps that wait to be made again, each at most three times; those that a stale value came from first."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._steps = {step.id: step for turn in blueprint.turns for step in turn.steps}
        self._tries: dict[str, int] = {}
        self._waiting: list[list[Step]] = []

    def take(self, name: str, message: Message) -> bool:
        """Whether the result of a step is none to go on with: the step will be made again."""
        step = self._steps[name]
        passing = _PASSING.search(message.content) if message.is_error or "incomplete" in message.content else None
        stale = _STALE.search(message.content) if message.is_error else None
        tries = self._tries.get(name, 0)
        if tries >= MAX_TRIES or not (passing or stale):
            return False
        sources = {bound.step for bound in step.arguments.values() if isinstance(bound, FromOutput)}
        if stale and not sources:
            return False
        self._tries[name] = tries + 1
        if stale:
            self._queue([self._steps[source] for source in sorted(sources)])
        self._queue([step], last=True)
        return True

    def due(self) -> list[Step]:
        """The calls to make again next, none where all is well."""
        return self._waiting.pop(0) if self._waiting else []

    def _queue(self, steps: list[Step], *, last: bool = False) -> None:
        known = {step.id for group in self._waiting for step in group}
        fresh = [step for step in steps if step.id not in known]
        if fresh and last:
            self._waiting.append(fresh)
        elif fresh:
            self._waiting.insert(0, fresh)

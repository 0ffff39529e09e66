"""Between the store and evolution: what came of an item, and what a run has to tell of its course."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from tdscaling.evolution import Reports, Success, Told
from tdscaling.store import DescriptorRow, Outcome, RunReader, decode, encode
from tdscaling.types import JsonValue

EVOLUTION = "evolution"
"""The key of the store's state that holds the reports; a fold over the outcomes, so a resumed run writes them again."""


def came_of(found: Outcome | DescriptorRow) -> Told:
    """What is told of an outcome: the same when it has just ended and when it is read back."""
    if isinstance(found, DescriptorRow):
        return Told(item=found.item, kept=found.kept, descriptor=found.descriptor, messages=found.messages)
    made = found.trajectory
    if made is None:
        return Told(item=found.item.hash)
    return Told(
        item=found.item.hash,
        kept=made.verdict.kept,
        descriptor=made.descriptor,
        messages=len(made.dialogue.messages),
    )


def reports(reader: RunReader) -> Reports:
    """The reports of a run; none where it chose no targets. Raises StoreError."""
    held = reader.state(EVOLUTION)
    return decode(Reports, held) if held else Reports()


def reports_json(found: Reports) -> list[JsonValue]:
    """The reports for machines, one by part of the run."""
    return json.loads(encode(found))["parts"]


def lines(found: Reports) -> Iterator[str]:
    """The reports for people."""
    for one in found.parts:
        share = f" ({one.covered / one.feasible:.0%})" if one.feasible else ""
        stopped = f"; stopped: {one.stopped}" if one.stopped else ""
        yield f"{one.part} by {one.strategy}: {one.covered} cells of {one.feasible} shown feasible{share}{stopped}"
        for event in one.events:
            what = "is back" if event.over else "fell"
            cause = f": {event.cause}" if event.cause else ""
            yield f"  at {event.at} kept, {event.of} entropy {what}, {event.highest:.3f} to {event.now:.3f}{cause}"
        if one.mutations:
            yield f"  mutations (kept, of these in the cell wanted, of all tried): {_by_mutation(one.mutations)}"


def _by_mutation(found: Sequence[Success]) -> str:
    tried, kept, landed = Counter[str](), Counter[str](), Counter[str]()
    for one in found:
        tried[one.mutation] += one.tried
        kept[one.mutation] += one.kept
        landed[one.mutation] += one.landed
    return ", ".join(f"{name} {kept[name]}/{landed[name]}/{tried[name]}" for name in sorted(tried))

"""Between the store and evolution: what came of an item, and what a run has to tell of its course."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tdscaling.evolution import Reports, Success, Told
from tdscaling.evolution.mutations import MUTATIONS
from tdscaling.evolution.mutations.fitting import fitting
from tdscaling.evolution.reports import course_said, event_said
from tdscaling.store import DescriptorRow, Outcome, encode
from tdscaling.types import Blueprint, JsonValue


def came_of(found: Outcome | DescriptorRow, plan: Blueprint | None) -> Told:
    """What is told of an outcome: the same when it has just ended and when it is read back. The plan of one that was
    kept says what may be made of it."""
    if isinstance(found, DescriptorRow):
        told = Told(item=found.item, kept=found.kept, descriptor=found.descriptor, messages=found.messages)
    elif (made := found.trajectory) is None:
        return Told(item=found.item.hash)
    else:
        told = Told(
            item=found.item.hash,
            kept=made.verdict.kept,
            descriptor=made.descriptor,
            messages=len(made.dialogue.messages),
        )
    if told.kept and plan is not None and plan.turns:
        return replace(told, fits=fitting(plan, MUTATIONS), bands=plan.bands)
    return told


def reports_json(found: Reports) -> list[JsonValue]:
    """The reports for machines, one by part of the run."""
    return json.loads(encode(found))["parts"]


def lines(found: Reports) -> Iterator[str]:
    """The reports for people."""
    for one in found.parts:
        yield course_said(one) + (f"; stopped: {one.stopped}" if one.stopped else "")
        for event in one.events:
            yield f"  {event_said(event)}"
        if one.mutations:
            yield f"  mutations (kept, of these in the cell wanted, of all tried): {_by_mutation(one.mutations)}"


def _by_mutation(found: Sequence[Success]) -> str:
    tried, kept, landed = Counter[str](), Counter[str](), Counter[str]()
    for one in found:
        tried[one.mutation] += one.tried
        kept[one.mutation] += one.kept
        landed[one.mutation] += one.landed
    return ", ".join(f"{name} {kept[name]}/{landed[name]}/{tried[name]}" for name in sorted(tried))

"""Reasoning modes: what the assistant's decisions do, derived from the messages alone. See docs/definitions.md."""

from collections.abc import Collection, Iterable, Sequence

from tdscaling.metrics.modes.checks import verifying
from tdscaling.metrics.modes.coding import computational
from tdscaling.metrics.modes.conditions import OTHERWISE, Condition, conditional
from tdscaling.metrics.modes.errors import recovering
from tdscaling.metrics.modes.hit import ModeHit
from tdscaling.metrics.modes.provenance import direct, exploratory, iterative, sequential
from tdscaling.metrics.modes.questions import clarifying
from tdscaling.metrics.modes.refusals import abstaining
from tdscaling.metrics.modes.revisions import revising
from tdscaling.metrics.modes.together import parallel
from tdscaling.metrics.trace import Trace
from tdscaling.types import MODES, Dialogue

__all__ = ["NONE", "OTHERWISE", "Condition", "ModeHit", "detect", "detect_in", "modes", "primary_mode"]

NONE = "none"
"""The primary mode of a dialogue in which nothing is detected."""
_ORDER: dict[str, int] = {mode: position for position, mode in enumerate(MODES)}


def detect(
    dialogue: Dialogue,
    *,
    order_edges: frozenset[tuple[str, str]] = frozenset(),
    conditions: Sequence[Condition] = (),
    sandbox_tools: Collection[str] = (),
) -> tuple[ModeHit, ...]:
    """Every hit of the twelve detectors, by message and then in the order of MODES.

    `order_edges` are pairs of offered names (producer, consumer). `sandbox_tools` are offered names beside those
    whose name and arguments say that they run code.

    >>> from tdscaling.types import Message, ToolCall
    >>> user = Message(role="user", content="Weather in Oslo?")
    >>> call = Message(role="assistant", tool_calls=(ToolCall(id="1", name="get_weather", arguments={"city": "Oslo"}),))
    >>> [hit.mode for hit in detect(Dialogue(messages=(user, call)))]
    ['direct']
    """
    return detect_in(Trace(dialogue, sandbox_tools), order_edges, conditions)


def detect_in(
    trace: Trace, order_edges: frozenset[tuple[str, str]] = frozenset(), conditions: Sequence[Condition] = ()
) -> tuple[ModeHit, ...]:
    """`detect` on a trace that is there already."""
    hits = [*abstaining(trace)]
    if trace.actions:
        for detector in (revising, clarifying, recovering, verifying, computational, iterative, exploratory):
            hits.extend(detector(trace))
        hits.extend(conditional(trace, conditions))
        hits.extend(parallel(trace, order_edges))
        hits.extend(sequential(trace))
        hits.extend(direct(trace))
    return tuple(sorted(hits, key=lambda hit: (hit.message, _ORDER[hit.mode])))


def modes(hits: Iterable[ModeHit]) -> tuple[str, ...]:
    """The sequence of modes: by message, within a message in the order of MODES, each once per message.

    >>> modes([ModeHit(mode="direct", message=1), ModeHit(mode="direct", message=1), ModeHit(mode="direct", message=3)])
    ('direct', 'direct')
    """
    places = sorted({(hit.message, _ORDER[hit.mode]) for hit in hits})
    return tuple(MODES[position] for _, position in places)


def primary_mode(hits: Iterable[ModeHit], planned: str | None) -> str:
    """The planned mode when a detector confirms it, else the first detected in the order of MODES, else "none".

    >>> hits = [ModeHit(mode="direct", message=1), ModeHit(mode="parallel", message=1)]
    >>> primary_mode(hits, "direct"), primary_mode(hits, "revising"), primary_mode([], "direct")
    ('direct', 'parallel', 'none')
    """
    found = {hit.mode for hit in hits}
    if planned in found:
        return planned
    return min(found, key=lambda mode: _ORDER[mode], default=NONE)

"""Where a dialogue lies: modes, complexity, servers and domain in one value."""

from collections.abc import Collection, Sequence

from tdscaling.metrics.complexity import DEFAULT, Weights, all_servers, band, complexities
from tdscaling.metrics.modes import Condition, detect_in, modes, primary_mode
from tdscaling.metrics.trace import Trace
from tdscaling.types import Descriptor, Dialogue


def describe(
    dialogue: Dialogue,
    domain: str,
    planned_mode: str | None = None,
    *,
    order_edges: frozenset[tuple[str, str]] = frozenset(),
    conditions: Sequence[Condition] = (),
    sandbox_tools: Collection[str] = (),
    weights: Weights = DEFAULT,
) -> Descriptor:
    """Everything that `measure`, the archive and selection need to know of a dialogue.

    By hand: one call with one argument that the user said is direct, with CAC 1 + 0.5 log2(2) = 1.5.

    >>> from tdscaling.types import Message, ToolCall
    >>> user = Message(role="user", content="Weather in Oslo?")
    >>> call = Message(role="assistant", tool_calls=(ToolCall(id="1", name="get_weather", arguments={"city": "Oslo"}),))
    >>> found = describe(Dialogue(messages=(user, call)), "weather")
    >>> found.primary_mode, found.cac, found.band, found.turns
    ('direct', 1.5, 0, 1)
    """
    trace = Trace(dialogue, sandbox_tools)
    hits = detect_in(trace, order_edges, conditions)
    each = complexities(trace, hits, weights)
    total = sum(each)
    return Descriptor(
        domain=domain,
        modes=modes(hits),
        primary_mode=primary_mode(hits, planned_mode),
        cac=total,
        band=band(total),
        calls=len(each),
        turns=len(trace.users),
        servers=all_servers(trace),
    )

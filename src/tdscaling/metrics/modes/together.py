"""Parallel: independent calls in one assistant message."""

from collections.abc import Iterator
from itertools import combinations

from tdscaling.metrics.modes.hit import ModeHit, of_action
from tdscaling.metrics.trace import Action, Trace


def parallel(trace: Trace, order_edges: frozenset[tuple[str, str]]) -> Iterator[ModeHit]:
    """Two calls of one message, neither using a value of the other's result nor bound by an order edge.

    A value that an earlier message has, that the sibling was itself called with (its result echoes it), or that
    never counts as a flow (booleans, enum members, integers below 100, defaults) is no sign of dependence.
    """
    for message, actions in trace.at.items():
        if len(actions) < 2:
            continue
        bound = _bound(trace, message, actions)
        for one, two in combinations(actions, 2):
            names = (one.call.name, two.call.name)
            if (one.ordinal, two.ordinal) in bound or names in order_edges or names[::-1] in order_edges:
                continue
            yield of_action("parallel", one, f"beside {two.call.name}")
            break


def _bound(trace: Trace, message: int, actions: list[Action]) -> set[tuple[int, int]]:
    """Pairs of calls, smaller number first, where one uses a value of the other's result."""
    holders: dict[str, list[Action]] = {}
    for action in actions:
        for norm in {produced.norm for produced in action.produced}:
            holders.setdefault(norm, []).append(action)
    own = {action.ordinal: {argument.norm for argument in action.arguments} for action in actions}
    found: set[tuple[int, int]] = set()
    for action in actions:
        for argument in action.arguments:
            held = holders.get(argument.norm)
            if not held or not argument.telling or _earlier(trace, argument.norm, message):
                continue
            for other in held:
                if other is not action and argument.norm not in own[other.ordinal]:
                    found.add((min(action.ordinal, other.ordinal), max(action.ordinal, other.ordinal)))
    return found


def _earlier(trace: Trace, norm: str, message: int) -> bool:
    if trace.said(norm) < message or trace.results.first(norm) < message:
        return True
    for index in range(message):
        if trace.messages[index].role == "assistant":
            if norm in trace.messages[index].content.casefold():
                return True
            if any(argument.norm == norm for action in trace.at.get(index, ()) for argument in action.arguments):
                return True
    return False

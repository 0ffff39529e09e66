"""Modes that say where a call's values come from: direct, sequential, exploratory, iterative."""

from collections import Counter
from collections.abc import Iterator

from tdscaling.metrics.modes.hit import ModeHit, of_action
from tdscaling.metrics.produced import Produced
from tdscaling.metrics.trace import Action, Argument, Trace, small, text_norms
from tdscaling.metrics.words import never_entity, pages

ITERATIONS = 3
MAX_SOURCES = 20
"""Results with the same value that are looked at, from the first on."""
_QUERIES = frozenset({"query", "sql", "code", "command", "cmd", "script"})


def direct(trace: Trace) -> Iterator[ModeHit]:
    """A business call all of whose argument leaves users or system have said so far. Nulls and "" are not leaves.

    A default counts when someone said it and not otherwise.
    """
    for action in trace.actions:
        if action.sandbox or not action.arguments:
            continue
        if all(trace.said(argument.norm) < action.message for argument in action.arguments):
            yield of_action("direct", action, "every argument was said")


def sequential(trace: Trace) -> Iterator[ModeHit]:
    """A call with a value of an earlier tool message that no user or system message said before."""
    for action in trace.actions:
        found = trace.flows(action)
        if found:
            yield of_action("sequential", action, f"{found[0][0]!r} from message {found[0][1]}")


def exploratory(trace: Trace) -> Iterator[ModeHit]:
    """A successful read whose result supplies an identifier that a later call uses and no user gave before it.

    A value that the read itself was called with is not supplied by it.
    """
    seen: set[int] = set()
    for action in trace.actions:
        for argument, norm in _used(action):
            source = _supplier(trace, argument, norm, action.message)
            if source is not None and source.ordinal not in seen:
                seen.add(source.ordinal)
                yield of_action("exploratory", source, f"supplied {norm!r} for {action.call.name}")


def _supplier(trace: Trace, argument: Argument, norm: str, before: int) -> Action | None:
    """The first read before message `before` whose result gave the value as an identifier."""
    for index in trace.results.at(norm)[:MAX_SOURCES]:
        if index >= before or trace.user.first(norm) < index:
            return None
        source = trace.answered.get(index)
        if source is None or source.scalars is None or not source.read_only or source.failed:
            continue
        if any(own.norm == norm for own in source.arguments):
            continue
        for produced in source.scalars.of(norm):
            if not never_entity(produced.key) and _identifies(produced, argument, norm):
                return source
    return None


def _used(action: Action) -> Iterator[tuple[Argument, str]]:
    for argument in action.arguments:
        if argument.prose and argument.key in _QUERIES:
            for norm in text_norms(str(argument.value)):
                yield argument, norm
        else:
            yield argument, argument.norm


def _identifies(produced: Produced, argument: Argument, norm: str) -> bool:
    if isinstance(argument.value, bool) or norm in argument.parameter.enum or argument.default:
        return False
    if small(norm):
        return argument.entity and produced.identifier
    return produced.identifier or (argument.entity and not argument.prose and not never_entity(produced.key))


def iterative(trace: Trace) -> Iterator[ModeHit]:
    """Three calls of one tool, with three values of one earlier result in one argument, none said by a user."""
    counts: dict[tuple[str, str, int], set[str]] = {}
    tried: set[tuple[str, str, str]] = set()
    done: set[tuple[str, str]] = set()
    last: dict[tuple[str, str, int], int] = {}
    times = Counter([action.call.name for action in trace.actions])
    for action in trace.actions:
        if times[action.call.name] < ITERATIONS:
            continue
        for argument in action.arguments:
            place = (action.call.name, argument.path)
            if place in done or not _iterates(argument) or (*place, argument.norm) in tried:
                continue
            tried.add((*place, argument.norm))
            if trace.user.first(argument.norm) < action.message:
                continue
            for source in _sources(trace, argument.norm, action.message):
                key = (*place, source)
                if last.get(key) == action.ordinal:
                    continue
                last[key] = action.ordinal
                counts.setdefault(key, set()).add(argument.norm)
                if len(counts[key]) >= ITERATIONS and place not in done:
                    done.add(place)
                    yield of_action("iterative", action, f"{ITERATIONS} values of message {source}")


def _iterates(argument: Argument) -> bool:
    if argument.prose or isinstance(argument.value, bool) or pages(argument.key) or argument.default:
        return False
    return argument.entity or not small(argument.norm)


def _sources(trace: Trace, norm: str, before: int) -> list[int]:
    held = trace.results.at(norm) or [trace.results.prose(norm)]
    return [index for index in held if index < before]

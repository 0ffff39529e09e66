"""Action complexity c(a_t) and Cumulative Action Complexity, the formulas of docs/definitions.md."""

import ast
import math
import re
import warnings
from collections.abc import Collection
from dataclasses import dataclass

from tdscaling.metrics.modes import ModeHit
from tdscaling.metrics.nested import nested_actions
from tdscaling.metrics.texts import NEVER
from tdscaling.metrics.trace import Action, Trace

EDGES = (4.0, 8.0, 16.0, 32.0, 64.0)
"""Where the bands of types.BANDS end."""
SANDBOX = "sandbox"
"""The server of the code sandbox."""

_BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.match_case)
CODE = ("code", "command", "cmd", "script", "source", "program", "commands")
"""Arguments of a sandbox tool that are its code."""
_SHELL = re.compile(r"(?:^|[\s;&|(])(?:if|elif|for|while|until|case)(?=\s)|&&|\|\|")
MAX_CODE = 100_000
"""Characters of one piece of code that are read for branches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Of c(a_t); an action alone always counts 1."""

    arg: float = 0.5
    dep: float = 1.0
    hop: float = 0.5
    rec: float = 1.0
    code: float = 1.0


DEFAULT = Weights()


def action_complexity(
    *, leaves: int, depth: int, hop: bool, recovers: bool, branches: int, weights: Weights = DEFAULT
) -> float:
    """c(a_t) = 1 + w_arg log2(1+leaves) + w_dep depth + w_hop [hop] + w_rec [recovers] + w_code log2(1+branches).

    By hand: 3 leaves, depth 1, another server, no error, no code: 1 + 0.5 * 2 + 1 + 0.5 = 3.5.

    >>> action_complexity(leaves=3, depth=1, hop=True, recovers=False, branches=0)
    3.5
    """
    return (
        1.0
        + weights.arg * math.log2(1 + leaves)
        + weights.dep * depth
        + weights.hop * hop
        + weights.rec * recovers
        + weights.code * math.log2(1 + branches)
    )


def complexities(trace: Trace, hits: Collection[ModeHit], weights: Weights = DEFAULT) -> list[float]:
    """c(a_t) of every action in order, the calls that code made after the call that ran it. `hits` are those of the
    same dialogue; they say which actions recover."""
    recovering = {hit.action for hit in hits if hit.mode == "recovering"}
    found: list[float] = []
    last: str | None = None
    for action, depth, server in zip(trace.actions, depths(trace), servers(trace), strict=True):
        found.append(
            action_complexity(
                leaves=len(action.arguments),
                depth=depth,
                hop=last is not None and server != last,
                recovers=action.ordinal in recovering,
                branches=action_branches(action),
                weights=weights,
            )
        )
        last = server
        for inner in nested_actions(trace, action, depth):
            server = inner.server or _prefix(inner.name)
            found.append(
                action_complexity(
                    leaves=inner.leaves,
                    depth=inner.depth,
                    hop=server != last,
                    recovers=False,
                    branches=0,
                    weights=weights,
                )
            )
            last = server
    return found


def cac(trace: Trace, hits: Collection[ModeHit], weights: Weights = DEFAULT) -> float:
    """Cumulative Action Complexity, the sum of c(a_t); 0 without actions.

    By hand: one call with one argument: 1 + 0.5 log2(2) = 1.5.

    >>> from tdscaling.types import Dialogue, Message, ToolCall
    >>> call = Message(role="assistant", tool_calls=(ToolCall(id="1", name="get_weather", arguments={"city": "Oslo"}),))
    >>> cac(Trace(Dialogue(messages=(call,))), ())
    1.5
    """
    return sum(complexities(trace, hits, weights))


def band(value: float) -> int:
    """The index in types.BANDS; bands are closed on the left.

    >>> [band(value) for value in (0, 3.99, 4, 63, 64)]
    [0, 0, 1, 4, 5]
    """
    return sum(value >= edge for edge in EDGES)


def depths(trace: Trace) -> list[int]:
    """For each action the length of the longest chain of value flows that ends in it: 0 when nothing flows in.

    A flow is what makes a call sequential; it leads from any earlier result that has the value.
    """
    reach: dict[int, int] = {}
    read: dict[str, tuple[int, int]] = {}
    found: list[int] = []
    for action in trace.actions:
        depth = 0
        for norm, first in trace.flows(action):
            postings = trace.results.at(norm) or [first]
            place, deepest = read.get(norm, (0, 0))
            while place < len(postings) and postings[place] < action.message:
                deepest = max(deepest, reach.get(postings[place], 1))
                place += 1
            read[norm] = (place, deepest)
            depth = max(depth, deepest)
        found.append(depth)
        if action.result != NEVER:
            reach[action.result] = depth + 1
    return found


def servers(trace: Trace) -> list[str]:
    """The server of each action: the catalogue's, else the prefix of its name, else "" for the whole data set.

    The sandbox is a server of its own. A prefix counts where it ends in `__`, `/`, `::`, `:` or `.`.

    >>> [_prefix(name) for name in ("github__list_issues", "fs/read", "get_weather")]
    ['github', 'fs', '']
    """
    return [
        SANDBOX if action.sandbox else action.server if action.server else _prefix(action.call.name)
        for action in trace.actions
    ]


def all_servers(trace: Trace) -> tuple[str, ...]:
    """The servers of all actions, of those that code made as well, sorted."""
    found = set(servers(trace))
    for action in trace.actions:
        found.update(inner.server or _prefix(inner.name) for inner in nested_actions(trace, action, 0))
    return tuple(sorted(found))


def _prefix(name: str) -> str:
    match = re.match(r"(.+?)(?:__|/|::|:|\.)(?=.)", name)
    return match[1] if match else ""


def action_branches(action: Action) -> int:
    """The branch points of the code that a sandbox call runs, 0 for other calls."""
    if not action.sandbox:
        return 0
    return sum(code_branches(str(action.call.arguments[key])) for key in CODE if key in action.call.arguments)


def code_branches(code: str) -> int:
    """Branch points of code: if, loops, except, assert, match cases, comprehension parts, and the extra operands of
    and/or of Python's syntax tree. What is no Python counts as shell: its if, elif, for, while, until, case, && and ||.

    >>> code_branches("for x in y:\\n    if x and z: print(x)"), code_branches("test -f a && cat a || echo none")
    (3, 2)
    """
    text = code[:MAX_CODE]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return len(_SHELL.findall(text))
    return sum(_points(node) for node in ast.walk(tree))


def _points(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, _BRANCHES))

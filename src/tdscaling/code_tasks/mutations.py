"""Seeded faults: one place of a program changed as programmers err. Whether a change matters, only running it says."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<",)),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">",)),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.NotIn: ("not in", ("in",)),
}
_OPERATORS: dict[type[ast.operator], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-",)),
    ast.Sub: ("-", ("+",)),
    ast.Mult: ("*", ("+",)),
    ast.FloorDiv: ("//", ("%",)),
    ast.Mod: ("%", ("//",)),
}
_OTHER_NAMES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "lower": "upper",
    "startswith": "endswith",
    "extend": "append",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed program: the kind of fault, and the text from offset `start` that was `old` and now is `new`."""

    source: str
    kind: str
    start: int
    old: str
    new: str

    @property
    def line(self) -> int:
        """The line of the change, from 1."""
        return self.source.count("\n", 0, self.start) + 1


@dataclass(frozen=True, slots=True)
class _Edit:
    kind: str
    start: int
    end: int
    new: str


def mutants(source: str, rng: Random) -> list[Mutant]:
    """Every mutant of a program in ASCII, in seeded order.

    >>> found = mutants("def f(a: int) -> bool:\\n    return a < 3\\n", Random(0))
    >>> sorted((mutant.kind, mutant.old, mutant.new) for mutant in found)
    [('comparison', '<', '<='), ('comparison', '<', '>'), ('off by one', '3', '2'), ('off by one', '3', '4')]
    """
    text = _Text(source)
    found = [edit for function in _functions(ast.parse(source)) for edit in _edits(function, text)]
    unique = sorted({(edit.start, edit.end, edit.new): edit for edit in found}.items())
    made = [
        Mutant(source[:start] + new + source[end:], edit.kind, start, source[start:end], new)
        for (start, end, new), edit in unique
    ]
    rng.shuffle(made)
    return made


class _Text:
    """Offsets of nodes."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._lines[node.lineno - 1] + node.col_offset, self._lines[end_line - 1] + end_column

    def lines(self, node: ast.stmt) -> tuple[int, int]:
        return self._lines[node.lineno - 1], self._lines[node.end_lineno or node.lineno]

    def of(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self.source[start:end]

    def between(self, one: ast.expr, two: ast.expr, sign: str) -> tuple[int, int] | None:
        """Where the operator stands between two operands."""
        start, end = self.span(one)[1], self.span(two)[0]
        place = self.source.find(sign, start, end)
        return (place, place + len(sign)) if place >= 0 else None


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def _edits(function: ast.FunctionDef, text: _Text) -> Iterator[_Edit]:
    yield from _defaults(function, text)
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    for statement in body:
        for node in ast.walk(statement):
            yield from _of_node(node, text)
    yield from _missing_cases(function, text)


def _defaults(function: ast.FunctionDef, text: _Text) -> Iterator[_Edit]:
    for default in function.args.defaults:
        if isinstance(default, ast.Constant) and isinstance(default.value, int) and default.value > 1:
            for value in (default.value - 1, default.value + 1):
                yield _Edit("wrong default", *text.span(default), str(value))


def _of_node(node: ast.AST, text: _Text) -> Iterator[_Edit]:
    match node:
        case ast.Compare():
            yield from _comparison(node, text)
        case ast.BinOp():
            yield from _operator(node, text)
        case ast.BoolOp():
            yield from _condition(node, text)
        case ast.Constant(value=bool()):
            yield _Edit("wrong value", *text.span(node), str(not node.value))
        case ast.Constant(value=int()):
            yield from _constant(node, text)
        case ast.Call():
            yield from _call(node, text)
        case ast.UnaryOp(op=ast.Not()):
            yield _Edit("negation", *text.span(node), text.of(node.operand))
        case ast.AugAssign():
            yield from _step(node, text)
        case _:
            return


def _comparison(node: ast.Compare, text: _Text) -> Iterator[_Edit]:
    operands = [node.left, *node.comparators]
    for place, sign in enumerate(node.ops):
        if type(sign) in _COMPARISONS:
            old, others = _COMPARISONS[type(sign)]
            span = text.between(operands[place], operands[place + 1], old)
            if span is not None:
                yield from (_Edit("comparison", *span, other) for other in others)


def _operator(node: ast.BinOp, text: _Text) -> Iterator[_Edit]:
    if type(node.op) in _OPERATORS and not isinstance(node.right, ast.Constant | ast.JoinedStr):
        old, others = _OPERATORS[type(node.op)]
        span = text.between(node.left, node.right, old)
        if span is not None and not isinstance(node.left, ast.List):
            yield from (_Edit("operator", *span, other) for other in others)


def _condition(node: ast.BoolOp, text: _Text) -> Iterator[_Edit]:
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for one, two in zip(node.values, node.values[1:], strict=False):
        span = text.between(one, two, old)
        if span is not None:
            yield _Edit("condition", *span, new)


def _constant(node: ast.Constant, text: _Text) -> Iterator[_Edit]:
    value = node.value
    if isinstance(value, int):
        yield _Edit("off by one", *text.span(node), str(value + 1))
        if value > 0:
            yield _Edit("off by one", *text.span(node), str(value - 1))


def _call(node: ast.Call, text: _Text) -> Iterator[_Edit]:
    for one, two in zip(node.args, node.args[1:], strict=False):
        start, end = text.span(one)[0], text.span(two)[1]
        middle = text.source[text.span(one)[1] : text.span(two)[0]]
        if text.of(one) != text.of(two) and not isinstance(one, ast.Starred):
            yield _Edit("swapped arguments", start, end, f"{text.of(two)}{middle}{text.of(one)}")
    if isinstance(node.func, ast.Name) and node.func.id in _OTHER_NAMES:
        yield _Edit("wrong function", *text.span(node.func), _OTHER_NAMES[node.func.id])
    if isinstance(node.func, ast.Attribute) and node.func.attr in _OTHER_NAMES:
        end = text.span(node.func)[1]
        yield _Edit("wrong function", end - len(node.func.attr), end, _OTHER_NAMES[node.func.attr])


def _step(node: ast.AugAssign, text: _Text) -> Iterator[_Edit]:
    if type(node.op) in _OPERATORS and not isinstance(node.value, ast.JoinedStr):
        old, others = _OPERATORS[type(node.op)]
        span = text.between(node.target, node.value, old + "=")
        if span is not None:
            yield from (_Edit("operator", *span, other + "=") for other in others[:1])


def _missing_cases(function: ast.FunctionDef, text: _Text) -> Iterator[_Edit]:
    """Guards left out: an `if` that ends the function or goes on with the loop, without an else."""
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef | ast.For | ast.While) and len(node.body) > 1:
            for statement in node.body:
                if isinstance(statement, ast.If) and _guards(statement):
                    yield _Edit("missing case", *text.lines(statement), "")


def _guards(statement: ast.If) -> bool:
    return not statement.orelse and isinstance(statement.body[-1], ast.Return | ast.Continue | ast.Raise)

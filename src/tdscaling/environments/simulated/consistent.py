"""Fields of one record that agree: a least is not above a greatest, an end not before a start, sums are sums."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from tdscaling.semantics.words import words
from tdscaling.types import JsonValue

_PAIRS = (
    ("min", "max"), ("minimum", "maximum"), ("lowest", "highest"), ("low", "high"), ("start", "end"),
    ("begin", "end"), ("from", "to"), ("created", "updated"), ("created", "modified"), ("used", "total"),
    ("remaining", "total"), ("used", "limit"), ("completed", "total"), ("failed", "total"), ("page", "pages"),
    ("page", "total pages"), ("arrival", "departure"), ("issued", "due"), ("opened", "closed"),
    ("valid from", "valid to"),
    ("min", "mean"), ("mean", "max"), ("min", "average"), ("average", "max"), ("min", "avg"), ("avg", "max"),
    ("min", "median"), ("median", "max"),
)  # fmt: skip
"""Words of two fields of which the first's value is never above the second's."""
_QUANTITIES = ("quantity", "qty", "hour", "unit")
_PRICES = ("price", "unit price", "unit amount", "unit cost", "rate", "hourly rate")
_AMOUNTS = ("amount", "line amount", "line total", "total", "total amount", "total price", "subtotal")
_SUMS = ("total", "total amount", "amount", "subtotal", "total price", "sub total", "grand total")
_LINES = frozenset("line item entry position product".split())


@lru_cache(maxsize=20_000)
def ordered_pairs(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pairs of names of which the first's value is not above the second's.

    >>> ordered_pairs(("end_date", "price_min", "start_date", "price_max"))
    (('price_min', 'price_max'), ('start_date', 'end_date'))
    """
    said = {" ".join(words(name)) if not name.endswith("pages") else _pages(name): name for name in reversed(names)}
    found: list[tuple[str, str]] = []
    for low, high in _PAIRS:
        for phrase, name in said.items():
            if f" {low} " in f" {phrase} ":
                other = said.get(f" {phrase} ".replace(f" {low} ", f" {high} ").strip())
                if other is not None and other != name:
                    found.append((name, other))
    return tuple(sorted(set(found), key=lambda pair: (names.index(pair[0]), pair)))


def _pages(name: str) -> str:
    return " ".join((*words(name)[:-1], "pages"))


def settled(record: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A made-up record, and what it holds, with such fields in order and sums computed.

    >>> settled({"min": 9, "max": 4, "lines": [{"quantity": 2, "price": 1.5, "amount": 7.0}], "total": 1.0})
    {'min': 4, 'max': 9, 'lines': [{'quantity': 2, 'price': 1.5, 'amount': 3.0}], 'total': 3.0}
    """
    found = {
        name: _inside(value) if isinstance(value, Mapping | list | tuple) else value for name, value in record.items()
    }
    pairs = ordered_pairs(tuple(record))
    for _ in range(3 if pairs else 0):
        swapped = [_swap(found, low, high) for low, high in pairs]
        if not any(swapped):
            break
    found.update(sums(found))
    return found


def _inside(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return settled(value)
    if isinstance(value, list | tuple):
        return [_inside(item) if isinstance(item, Mapping | list | tuple) else item for item in value]
    return value


def _swap(record: dict[str, JsonValue], low: str, high: str) -> bool:
    one, two = record[low], record[high]
    numbers = _number(one) and _number(two) and type(one) is type(two)
    texts = isinstance(one, str) and isinstance(two, str) and one[:2].isdigit() and two[:2].isdigit()
    if (numbers or (texts and len(one) == len(two))) and one > two:  # type: ignore[operator]
        record[low], record[high] = two, one
        return True
    return False


def _number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def sums(record: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields of a record that follow from others: an amount from quantity and price, a total from its lines.

    >>> sums({"quantity": 3, "unit_price": 2, "amount": 1}), sums({"amount": 1})
    ({'amount': 6}, {})
    """
    names, lists = _said(tuple(record))
    found: dict[str, JsonValue] = {}
    quantity, price, amount = (_first(record, names, options) for options in (_QUANTITIES, _PRICES, _AMOUNTS))
    if quantity and price and amount and amount != price:
        found[amount] = _like(record[amount], _float(record[quantity]) * _float(record[price]))
        return found
    total = _first(record, names, _SUMS)
    if not total:
        return found
    lines = [amounts for name in lists if (amounts := _amounts(record[name]))]
    if len(lines) == 1:
        found[total] = _like(record[total], sum(lines[0]))
    return found


@lru_cache(maxsize=20_000)
def _said(names: tuple[str, ...]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The names of a record by their words, and those that speak of lines."""
    found = {" ".join(words(name)): name for name in reversed(names)}
    return found, tuple(name for phrase, name in sorted(found.items()) if _LINES & {*phrase.split(" ")})


def _amounts(value: JsonValue) -> list[float]:
    """The amounts of lines; none where the value is no list of lines that all have one."""
    if not isinstance(value, list | tuple):
        return []
    found: list[float] = []
    for line in value:
        if not isinstance(line, Mapping):
            return []
        amount = _first(line, _said(tuple(line))[0], _AMOUNTS)
        if amount is None:
            return []
        found.append(_float(line[amount]))
    return found


def _first(record: Mapping[str, JsonValue], names: Mapping[str, str], options: Sequence[str]) -> str | None:
    return next((names[option] for option in options if option in names and _number(record[names[option]])), None)


def _float(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _like(old: JsonValue, value: float) -> JsonValue:
    return round(value) if isinstance(old, int) else round(value, 2)

"""Paths into results, and bindings resolved through them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.types import Binding, Computed, Constant, FromFact, FromOutput, JsonValue
from tdscaling.values import Scope, UnresolvedError, at, leaves

KEYS = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
ORDERS: JsonValue = {
    "orders": [
        {"id": "A-1", "customer": "Ada", "total": 40, "lines": [{"sku": "lamp"}, {"sku": "rug"}]},
        {"id": "B-2", "customer": "Ben", "total": "1,060.50", "lines": [{"sku": "vase"}]},
    ],
    "page": 1,
}
SCOPE = Scope({"who": "BEN", "typo": "lammp", "place": {"not": "scalar"}}, {"s1": ORDERS, "s2": "text"})


def out(path: str, where: str | None = None, equals: Binding | None = None, index: int = 0) -> FromOutput:
    return FromOutput(step="s1", path=path, where=where, equals=equals, index=index)


@pytest.mark.requirement("values.paths")
@given(TREES)
def test_every_scalar_is_found_at_its_path(tree: JsonValue) -> None:
    found = list(leaves(tree))
    assert [leaf for leaf in found if leaf not in at(tree, leaf.path)] == []
    assert sum(len(at(tree, path)) for path in {leaf.path for leaf in found}) == len(found)


@pytest.mark.requirement("values.paths")
@given(TREES, st.integers(0, 5))
def test_no_more_than_the_limit_is_read(tree: JsonValue, limit: int) -> None:
    assert list(leaves(tree, limit)) == list(leaves(tree))[:limit]


@pytest.mark.requirement("values.bindings")
@pytest.mark.parametrize(
    ("path", "where", "equals", "found"),
    [
        ("orders[].customer", "orders[].lines[].sku", "rug", ["Ada"]),
        ("orders[].lines[].sku", "orders[].customer", "Ada", ["lamp", "rug"]),
        ("orders[].lines[].sku", "orders[].customer", "ben", ["vase"]),
        ("orders[].id", "page", 1, ["A-1", "B-2"]),
        ("page", "orders[].customer", "Ben", [1]),
    ],
)
def test_what_stands_beside_a_value_is_of_its_own_record(
    path: str, where: str, equals: str | int, found: list[str | int]
) -> None:
    wanted = Constant(value=equals)
    assert [SCOPE.resolve(out(path, where, wanted, index)) for index in range(len(found))] == found
    with pytest.raises(UnresolvedError):
        SCOPE.resolve(out(path, where, wanted, len(found)))


@pytest.mark.requirement("values.bindings")
@pytest.mark.parametrize(
    ("binding", "expected"),
    [
        (Constant(value=[1, {"a": 2}]), [1, {"a": 2}]),
        (FromFact(fact="who"), "BEN"),
        (out("orders[].id"), "A-1"),
        (out("orders[].id", index=-1), "B-2"),
        (out("orders[].id", "orders[].customer", FromFact(fact="who")), "B-2"),
        (out("orders[].id", "orders[].lines[].sku", Constant(value="Rug")), "A-1"),
        (out("orders[].lines[].sku", "orders[].id", Constant(value="a-1"), 1), "rug"),
        (Computed(function="sum", inputs=(out("orders[].total"),)), 1100.5),
        (Computed(function="mean", inputs=(out("orders[].total"),)), 550.25),
        (Computed(function="max", inputs=(Constant(value=2), Constant(value="10"))), 10),
        (Computed(function="min", inputs=(out("orders[].total"),)), 40),
        (Computed(function="count", inputs=(out("orders[].lines[].sku"),)), 3),
        (Computed(function="list", inputs=(FromFact(fact="who"), Constant(value=3))), ["BEN", 3]),
        (Computed(function="closest", inputs=(FromFact(fact="typo"), out("orders[].lines[].sku"))), "lamp"),
        (Computed(function="format", inputs=(Constant(value="{} of {}"), out("page"), Constant(value=9))), "1 of 9"),
    ],
)
def test_a_binding_gives_its_value(binding: Binding, expected: JsonValue) -> None:
    assert SCOPE.resolve(binding) == expected


@pytest.mark.requirement("values.bindings")
@pytest.mark.parametrize(
    ("binding", "named"),
    [
        (FromFact(fact="nobody"), "nobody"),
        (FromOutput(step="s9", path="a"), "s9"),
        (out("orders[].phone"), "orders[].phone"),
        (out("orders[].id", index=2), "item 2"),
        (out("orders[].id", index=-3), "item -3"),
        (out("orders[].id", "orders[].customer", Constant(value="Cid")), "orders[].id"),
        (out("orders[].id", "orders[].customer", FromFact(fact="place")), "one value"),
        (Computed(function="guess", inputs=()), "guess"),
        (Computed(function="sum", inputs=(out("orders[].customer"),)), "Ada"),
        (Computed(function="sum", inputs=(out("orders[].phone"),)), "no numbers"),
        (Computed(function="closest", inputs=(Constant(value="zzz"), out("orders[].lines[].sku"))), "zzz"),
        (Computed(function="closest", inputs=(Constant(value="zzz"), Constant(value="lamp"))), "candidates"),
    ],
)
def test_a_binding_without_a_value_says_what_is_missing(binding: Binding, named: str) -> None:
    with pytest.raises(UnresolvedError, match=named.replace("[", r"\[").replace("]", r"\]")):
        SCOPE.resolve(binding)

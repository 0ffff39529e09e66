"""The edges into a parameter are found by it."""

from tdscaling.types import Edge, Exploration, FieldRef, ToolKey
from tdscaling.types.graph import EdgeKind


def edge(consumer: str, score: float, kind: EdgeKind = "value") -> Edge:
    return Edge(
        producer=FieldRef("shop", "list_orders", f"id {score}"),
        consumer=FieldRef("shop", "cancel", consumer),
        kind=kind,
        score=score,
        evidence=("executed",),
    )


def test_value_edges_into_a_parameter_or_its_items_are_its_producers_best_first() -> None:
    edges = (
        edge("order", 0.9),
        edge("order[]", 0.8),
        edge("order", 0.7, "order"),
        edge("other", 0.6),
        edge("order", 0.5),
    )
    known = Exploration(profiles={}, edges=edges)
    assert [one.score for one in known.producers(ToolKey("shop", "cancel"), "order")] == [0.9, 0.8, 0.5]
    assert [one.score for one in known.producers(ToolKey("shop", "cancel"), "order[]")] == [0.8]
    assert known.producers(ToolKey("shop", "list_orders"), "order") == ()

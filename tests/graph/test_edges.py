"""Dependency edges."""

import random

import pytest
from tests.graph.shop import sheets, shop, tool

from tdscaling.graph import find_edges
from tdscaling.types import EXECUTED, Edge, FieldRef, Tool

TRUSTED = 0.5


def pairs(edges: tuple[Edge, ...], *, kind: str = "value", least: float = TRUSTED) -> set[tuple[str, str]]:
    return {(e.producer.tool, e.consumer.tool) for e in edges if e.kind == kind and e.score >= least}


@pytest.mark.requirement("graph.roles", "graph.fields")
def test_what_creates_or_lists_a_thing_feeds_what_uses_it() -> None:
    found = pairs(find_edges(shop()))
    assert {("create_customer", "get_customer"), ("list_customers", "get_customer")} <= found
    assert {("create_customer", "create_invoice"), ("list_invoices", "pay_invoice")} <= found


@pytest.mark.requirement("graph.roles")
def test_what_needs_a_value_itself_is_no_trusted_producer_of_it() -> None:
    found = pairs(find_edges(shop()))
    assert ("get_customer", "delete_customer") not in found
    assert ("delete_customer", "get_customer") not in found
    assert ("list_customers", "pay_invoice") not in found


@pytest.mark.requirement("graph.fields", "graph.evidence")
def test_an_edge_names_its_fields_and_the_rules_that_speak_for_it() -> None:
    edge = next(
        edge
        for edge in find_edges(shop())
        if (edge.producer.tool, edge.consumer.tool, edge.kind) == ("list_customers", "get_customer", "value")
    )
    assert (edge.producer.field, edge.consumer.field) == ("data[].id", "customer_id")
    assert {"same_entity", "same_kind", "own_entity"} <= set(edge.evidence)


@pytest.mark.requirement("graph.inferred")
def test_outputs_that_are_not_published_are_inferred_and_say_so() -> None:
    edges = find_edges(sheets())
    edge = next(e for e in edges if (e.producer.tool, e.consumer.tool) == ("list_sheets", "read_sheet"))
    assert "inferred_output" in edge.evidence
    assert edge.consumer.field == "sheet_name"


@pytest.mark.requirement("graph.generic")
def test_generic_fields_link_nothing() -> None:
    tools = [
        tool("s", "list_things", {"page": "integer", "limit": "integer"}, {"page": "integer", "status": "string"}),
        tool("s", "list_stuff", {"page": "integer", "status": "string"}, {"limit": "integer"}),
    ]
    assert pairs(find_edges(tools), least=0.0) == set()


@pytest.mark.requirement("graph.executed")
def test_an_executed_edge_replaces_the_rules_word_and_keeps_their_evidence() -> None:
    ruled = next(e for e in find_edges(shop()) if e.kind == "value" and e.score > TRUSTED)
    proof = Edge(
        producer=FieldRef(ruled.producer.server, ruled.producer.tool, "real.path"),
        consumer=ruled.consumer,
        kind="value",
        score=1.0,
        evidence=(EXECUTED,),
    )
    edges = find_edges(shop(), executed=[proof])
    [edge] = [e for e in edges if (e.producer.key, e.consumer) == (proof.producer.key, proof.consumer)]
    assert (edge.producer.field, edge.score) == ("real.path", 1.0)
    assert set(edge.evidence) == {EXECUTED, *ruled.evidence}


@pytest.mark.requirement("graph.executed")
def test_an_executed_edge_between_unknown_tools_is_left_out() -> None:
    ref = FieldRef("elsewhere", "tool", "id")
    proof = Edge(producer=ref, consumer=ref, kind="value", score=1.0, evidence=(EXECUTED,))
    assert find_edges(shop(), executed=[proof]) == find_edges(shop())


@pytest.mark.requirement("graph.order")
def test_deletion_comes_after_use_and_opening_before_all() -> None:
    tools = [*shop(), tool("shop", "login", {"password": "string"}, {"session": "string"})]
    found = pairs(find_edges(tools), kind="order", least=0.0)
    assert ("list_customers", "delete_customer") in found
    assert ("login", "list_customers") in found
    assert not any(first == "delete_customer" for first, _ in found)


@pytest.mark.requirement("graph.order")
def test_making_the_only_source_of_a_required_value_comes_first() -> None:
    tools = [
        tool("s", "create_ticket", {"text": "string"}, {"id": "string"}),
        tool("s", "close_ticket", {"ticket_id": "string"}, {}, required=("ticket_id",)),
    ]
    assert ("create_ticket", "close_ticket") in pairs(find_edges(tools), kind="order")


@pytest.mark.requirement("graph.cross")
def test_a_portable_thing_joins_two_servers_and_a_vendors_id_does_not() -> None:
    tools = [
        *sheets(),
        tool("mailer", "send_report", {"file_path": "string", "customer_id": "string"}, required=("file_path",)),
        *shop(),
    ]
    across = [e for e in find_edges(tools) if e.producer.server != e.consumer.server]
    assert any(e.consumer.field == "file_path" and e.producer.server == "sheets" for e in across)
    assert not any(e.consumer.field == "customer_id" for e in across)


@pytest.mark.requirement("graph.order_free")
def test_the_order_of_the_tools_changes_nothing() -> None:
    tools: list[Tool] = [*shop(), *sheets()]
    once = find_edges(tools)
    for seed in range(4):
        random.Random(seed).shuffle(tools)
        assert find_edges(tools) == once


@pytest.mark.requirement("graph.candidates")
def test_producers_of_one_input_are_few_however_many_there_are() -> None:
    many = [tool("s", f"list_orders_{n}", {}, {"order_id": "string"}) for n in range(300)]
    users = [tool("s", f"get_order_{n}", {"order_id": "string"}, {}, required=("order_id",)) for n in range(300)]
    edges = [e for e in find_edges([*many, *users]) if e.kind == "value"]
    assert 0 < len(edges) <= 6 * len(users)

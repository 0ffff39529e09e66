"""Chains of calls that were executed, along a cluster's order."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.graph.shop import shop

from tdscaling.graph import find_clusters, find_edges, load_clusters, save_clusters, summary, witness
from tdscaling.types import (
    EXECUTED,
    Cluster,
    Edge,
    Exploration,
    FieldRef,
    JsonObject,
    Observation,
    ReadBack,
    ToolKey,
    ToolProfile,
    ToolResult,
    WitnessStep,
)


def key(name: str) -> ToolKey:
    return ToolKey("shop", name)


def profile(name: str, arguments: JsonObject, content: str, *, changed: bool = False, world: int = 0) -> ToolProfile:
    call = Observation(
        tool=key(name), arguments=arguments, result=ToolResult(content=content), changed=changed, world=world
    )
    effect = "write" if changed else "read"
    return ToolProfile(
        tool=key(name), effect=effect, volatile=False, params=(), outputs=(), successes=(call,), failures=()
    )


def edge(producer: str, path: str, consumer: str, param: str) -> Edge:
    return Edge(
        producer=FieldRef("shop", producer, path),
        consumer=FieldRef("shop", consumer, param),
        kind="value",
        score=1.0,
        evidence=(EXECUTED,),
    )


EDGES = (
    edge("list_customers", "data[].id", "get_customer", "customer_id"),
    edge("get_customer", "email", "pay_invoice", "payer"),
)
PROFILES = (
    profile("list_customers", {"limit": 3}, '{"data": [{"id": "c1"}, {"id": "c2"}]}'),
    profile("get_customer", {"customer_id": "c2"}, '{"id": "c2", "email": "c2@shop"}'),
    profile("pay_invoice", {"payer": "c2@shop"}, '{"status": "paid"}', changed=True),
)


def explored(*profiles: ToolProfile, edges: tuple[Edge, ...] = EDGES, backs: tuple[ReadBack, ...] = ()) -> Exploration:
    return Exploration(profiles={one.tool: one for one in profiles}, edges=edges, readbacks=backs)


def cluster(*names: str) -> Cluster:
    keys = tuple(map(key, names))
    return Cluster(
        id="c", name="n", domain="payments", kind="service", tools=tuple(sorted(keys)), edges=EDGES, order=keys
    )


ALL = cluster("list_customers", "get_customer", "pay_invoice", "list_invoices")


@pytest.mark.requirement("graph.witness")
def test_the_longest_chain_of_executed_calls_is_the_witness() -> None:
    assert witness(ALL, explored(*PROFILES)) == (
        WitnessStep(key("list_customers"), {"limit": 3}),
        WitnessStep(key("get_customer"), {"customer_id": "c2"}),
        WitnessStep(key("pay_invoice"), {"payer": "c2@shop"}),
    )


@pytest.mark.requirement("graph.witness")
def test_what_was_not_fed_by_the_step_before_it_is_no_witness() -> None:
    other_value = replace(PROFILES[1], successes=(replace(PROFILES[1].successes[0], arguments={"customer_id": "c9"}),))
    assert witness(ALL, explored(PROFILES[0], other_value)) == ()
    other_world = profile("get_customer", {"customer_id": "c2"}, "{}", world=1)
    assert witness(ALL, explored(PROFILES[0], other_world)) == ()
    assert witness(cluster("get_customer", "list_customers"), explored(*PROFILES)) == ()
    assert witness(ALL, explored(*PROFILES, edges=())) == ()
    assert witness(ALL, explored()) == ()


@pytest.mark.requirement("graph.witness")
def test_a_write_is_followed_only_by_what_reads_it_back() -> None:
    write = profile("create_invoice", {"number": "i7"}, '{"id": "i7"}', changed=True)
    read = profile("get_customer", {"customer_id": "i7", "limit": 1}, '{"id": "i7"}')
    fed = (edge("create_invoice", "id", "get_customer", "customer_id"),)
    both = cluster("create_invoice", "get_customer")
    assert witness(both, explored(write, read, edges=fed)) == ()
    back = ReadBack(key("create_invoice"), "number", key("get_customer"), "customer_id")
    assert witness(both, explored(write, read, edges=(), backs=(back,))) == (
        WitnessStep(key("create_invoice"), {"number": "i7"}),
        WitnessStep(key("get_customer"), {"customer_id": "i7", "limit": 1}),
    )


@pytest.mark.requirement("graph.witness", "graph.files")
def test_a_witness_is_saved_read_back_and_counted(tmp_path: Path) -> None:
    plain = find_clusters(shop(), find_edges(shop()))
    proved = [replace(plain[0], witness=witness(ALL, explored(*PROFILES))), *plain[1:]]
    save_clusters(tmp_path / "clusters", proved)
    assert list(load_clusters(tmp_path / "clusters")) == proved
    assert summary(proved)["witnessed"] == 1

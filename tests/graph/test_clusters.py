"""Business Clusters."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.graph.shop import sheets, shop, tool

from tdscaling.graph import DOMAINS, classify, find_clusters, find_edges, summary
from tdscaling.graph.acyclic import acyclic, order
from tdscaling.graph.communities import communities
from tdscaling.graph.dependencies import by_server
from tdscaling.graph.services import Unit, doubtful, units
from tdscaling.types import Cluster, Edge, FieldRef, Tool, ToolKey


def clusters_of(tools: list[Tool]) -> tuple[Cluster, ...]:
    return find_clusters(tools, find_edges(tools))


def reached(cluster: Cluster) -> set[ToolKey]:
    seen = {cluster.tools[0]}
    for _ in cluster.tools:
        for edge in cluster.edges:
            if edge.producer.key in seen or edge.consumer.key in seen:
                seen |= {edge.producer.key, edge.consumer.key}
    return seen


def large() -> list[Tool]:
    """46 tools of 11 entities, all of which take the same workbook."""
    found = [tool("big", "open_workbook", {"file": "string"}, {"workbook_id": "string"})]
    for noun in "sheet chart table range comment style macro image filter pivot name".split():
        thing = {"workbook_id": "string", f"{noun}_id": "string"}
        made = {f"{noun}_id": "string"}
        found.append(tool("big", f"create_{noun}", {"workbook_id": "string"}, made, required=("workbook_id",)))
        found.append(tool("big", f"list_{noun}s", {"workbook_id": "string"}, made, required=("workbook_id",)))
        for verb in ("update", "delete"):
            found.append(tool("big", f"{verb}_{noun}", dict(thing), {}, required=tuple(thing)))
    return [*found, tool("big", "close_workbook", {"workbook_id": "string"}, {}, required=("workbook_id",))]


@pytest.mark.requirement("graph.size", "graph.split")
def test_every_cluster_is_small_connected_and_ordered_along_its_edges() -> None:
    found = clusters_of([*large(), *shop(), *sheets()])
    assert len(found) > 5
    for cluster in found:
        assert 3 <= len(cluster.tools) <= 20
        assert reached(cluster) == set(cluster.tools)
        assert sorted(cluster.order) == sorted(cluster.tools)
        place = {key: index for index, key in enumerate(cluster.order)}
        assert all(place[edge.producer.key] < place[edge.consumer.key] for edge in cluster.edges)


@pytest.mark.requirement("graph.split")
def test_a_large_server_is_split_and_nearly_all_of_it_is_used() -> None:
    found = [cluster for cluster in clusters_of(large()) if len(cluster.servers) == 1]
    assert len(found) >= 4
    used = {key for cluster in found for key in cluster.tools}
    assert len(used) >= 44


@pytest.mark.requirement("graph.split")
def test_a_pair_linked_to_a_group_joins_it() -> None:
    links = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 0.2), (3, 4, 1.0)]
    assert communities(5, links, {}) == [[0, 1, 2, 3, 4]]


@pytest.mark.requirement("graph.distinct")
def test_two_clusters_share_less_than_seven_tenths() -> None:
    found = [set(cluster.tools) for cluster in clusters_of([*large(), *shop(), *sheets()])]
    for index, one in enumerate(found):
        assert all(len(one & two) / len(one | two) < 0.7 for two in found[:index])


@pytest.mark.requirement("graph.cross")
def test_two_servers_give_a_cluster_across_them_with_an_edge_between() -> None:
    crossed = [cluster for cluster in clusters_of([*shop(), *sheets()]) if cluster.kind == "cross_service"]
    assert crossed
    for cluster in crossed:
        assert cluster.servers == ("sheets", "shop")
        assert any(edge.producer.server != edge.consumer.server for edge in cluster.edges)


@pytest.mark.requirement("graph.cross")
def test_a_server_of_two_tools_finds_its_place_across_servers() -> None:
    clock = [
        tool("time", "get_current_time", {"timezone": "string"}, required=("timezone",)),
        tool("time", "convert_time", {"source_timezone": "string", "time": "string"}, required=("source_timezone",)),
    ]
    found = clusters_of([*sheets(), *clock])
    assert any({"time", "sheets"} == set(cluster.servers) for cluster in found)


@pytest.mark.requirement("graph.name", "graph.domain")
def test_a_life_cycle_is_named_after_its_thing_and_has_a_domain() -> None:
    found = clusters_of(shop())
    names = {cluster.name for cluster in found}
    assert "Customer life cycle — Shop" in names or "Invoice life cycle — Shop" in names
    assert {cluster.domain for cluster in found} <= set(DOMAINS)


@pytest.mark.requirement("graph.order_free")
def test_clusters_do_not_depend_on_the_order_of_tools_or_edges() -> None:
    tools = [*large(), *shop(), *sheets()]
    edges = list(find_edges(tools))
    once = find_clusters(tools, edges)
    for seed in range(3):
        random.Random(seed).shuffle(tools)
        random.Random(seed).shuffle(edges)
        assert find_clusters(tools, edges) == once


@pytest.mark.requirement("graph.size")
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0.01, 1)), max_size=40))
@settings(max_examples=60)
def test_giving_up_edges_breaks_every_cycle_and_no_connection(links: list[tuple[int, int, float]]) -> None:
    edges = [
        Edge(
            producer=FieldRef("s", str(one), "a"),
            consumer=FieldRef("s", str(two), "b"),
            kind="value",
            score=score,
            evidence=(),
        )
        for one, two, score in links
        if one != two
    ]
    keys = sorted({ref.key for edge in edges for ref in (edge.producer, edge.consumer)})
    kept = acyclic(edges)
    assert sorted(order(keys, kept, {})) == keys
    for edge in edges:
        assert _joined(edge.producer.key, edge.consumer.key, kept)


def _joined(one: ToolKey, two: ToolKey, edges: list[Edge]) -> bool:
    seen = {one}
    for _ in edges:
        for edge in edges:
            if edge.producer.key in seen or edge.consumer.key in seen:
                seen |= {edge.producer.key, edge.consumer.key}
    return two in seen


@pytest.mark.requirement("graph.domain")
@pytest.mark.parametrize(
    ("names", "domain"),
    [
        (("create_fhir_store", "search_fhir_store", "list_stores"), "health_care"),
        (("git_commit", "git_branch", "git_log"), "source_control"),
        (("create_invoice", "list_ledger_accounts", "get_journal"), "accounting"),
        (("get_forecast", "get_weather_alerts"), "weather_environment"),
        (("send_email", "list_inbox", "draft_mail"), "email"),
        (("create_patient", "list_medications", "book_doctor"), "health_care"),
    ],
)
def test_tools_are_put_into_the_domain_that_their_words_speak_of(names: tuple[str, ...], domain: str) -> None:
    assert classify([tool("s", name) for name in names]) == domain


@pytest.mark.requirement("graph.domain")
def test_there_are_about_forty_domains_and_any_group_has_one() -> None:
    assert 38 <= len(DOMAINS) <= 48
    assert classify([tool("", "")]) in DOMAINS


@pytest.mark.requirement("graph.distinct")
def test_the_summary_counts_disjoint_distinct_and_cross_service_clusters() -> None:
    found = clusters_of([*large(), *shop(), *sheets()])
    counts = summary(found)
    disjoint, distinct, crossed = (counts[key] for key in ("disjoint", "distinct", "cross_service"))
    assert isinstance(disjoint, int)
    assert isinstance(crossed, int)
    assert distinct == len(found) >= disjoint > 0
    assert crossed == sum(len(cluster.servers) == 2 for cluster in found)


_THEMES = {
    "zoo": ("lion zebra otter", "Duty roster of the keepers."),
    "port": ("ship berth cargo", "Harbour master's log."),
    "studio": ("scene actor camera", "Plan of a film's shooting days."),
    "farm": ("crop tractor barn", "What grows where, and when it is brought in."),
    "lab": ("sample reagent assay", "Bench book of the laboratory."),
}


def _bag() -> list[Tool]:
    """Tools of five services, filed under no server."""
    return [
        tool(
            "",
            f"{verb}_{noun}",
            {f"{noun}_id": "string", f"{theme}_code": "string"},
            {f"{noun}_id": "string"},
            description=text,
        )
        for theme, (nouns, text) in _THEMES.items()
        for noun in nouns.split()
        for verb in ("create", "list", "get", "delete")
    ]


@pytest.mark.requirement("graph.services")
def test_tools_without_a_server_are_grouped_by_what_they_say() -> None:
    origin = {one.name: one.description for one in _bag()}
    found = units(by_server(_bag()))
    assert len(found) >= len(_THEMES)
    for unit in found:
        assert unit.recovered
        assert len({origin[one.name] for one in unit.tools}) == 1
    assert all(origin[edge.producer.tool] == origin[edge.consumer.tool] for edge in find_edges(_bag()))
    assert len(units(by_server(_bag()[:20]))) == 1


@pytest.mark.requirement("graph.services")
def test_a_large_server_is_doubted_only_where_many_hands_wrote_its_tools() -> None:
    named = [replace(one, server="all") for one in large()]
    assert units(by_server(named)) == [Unit(sorted(named, key=lambda one: one.name), recovered=False)]
    hands = [{"$schema": f"dialect {number % 5}"} for number in range(len(named))]
    mixed = [replace(one, input_schema={**one.input_schema, **hand}) for one, hand in zip(named, hands, strict=True)]
    assert len(units(by_server(mixed))) > 1
    assert not doubtful("all", mixed[:20])


@pytest.mark.requirement("graph.services", "graph.order_free")
def test_the_services_of_tools_do_not_depend_on_their_order() -> None:
    tools = _bag()
    once = find_clusters(tools, find_edges(tools))
    assert find_clusters(tools[::-1], find_edges(tools[::-1])) == once
    assert once

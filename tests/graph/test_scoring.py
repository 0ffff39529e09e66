"""Pairs, their signals, the model over them, and how the development set counts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.boosting import Settings, boost
from benchmarks.graph_devset import build
from benchmarks.graph_fit import Pairs, as_json, report
from tests.graph.shop import listed, schema, sheets, shop, tool

from tdscaling.graph import find_edges
from tdscaling.graph.bitsets import Vocabulary, size
from tdscaling.graph.scoring import Model, model, read
from tdscaling.graph.signals import NAMES
from tdscaling.graph.value_edges import candidates, value_edges
from tdscaling.semantics.views import views
from tdscaling.types import JsonValue, Tool


def asked(tools: list[Tool], consumer: str) -> set[str]:
    """The inputs of a tool for which producers were looked for and found."""
    return {e.consumer.field for e in find_edges(tools) if e.kind == "value" and e.consumer.tool == consumer}


@pytest.mark.requirement("graph.batch")
def test_servers_scored_together_get_the_edges_that_they_get_alone() -> None:
    groups = [views(sheets()), views(shop())]
    together = [edges for _, edges in value_edges(groups)]
    alone = [edges for group in groups for _, edges in value_edges([group])]
    assert together == alone
    assert all(together)


@pytest.mark.requirement("graph.batch")
def test_signals_are_finite_numbers_one_for_each_name() -> None:
    for pairs in candidates(views(shop()), {}):
        assert pairs.values.shape == (len(pairs.offer), len(NAMES))
        assert np.isfinite(pairs.values).all()


@pytest.mark.requirement("graph.batch")
def test_more_members_than_bits_share_some_and_break_nothing() -> None:
    many = [f"word{n}" for n in range(2000)]
    rows = Vocabulary([many]).rows([many, many[:1], []])
    assert size(rows).tolist() == [512.0, 1.0, 0.0]


def test_a_tree_adds_the_value_of_the_leaf_that_a_row_falls_in() -> None:
    text = '{"bias": 1.0, "trees": [{"signals": ["entity", "own"], "at": [0.5, 0.5], "values": [0, 1, 2, 4]}]}'
    rows = np.zeros((3, len(NAMES)), dtype=np.float32)
    rows[1, NAMES.index("entity")] = 1
    rows[2, NAMES.index("own")] = 1
    assert read(text).logits(rows).tolist() == [1.0, 2.0, 3.0]


def test_the_shipped_model_reads_signals_that_there_are() -> None:
    assert len(model().signals) > 0
    assert isinstance(model(), Model)


def test_boosting_finds_what_takes_two_signals_together() -> None:
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 2, (400, 3)).astype(np.float32)
    label = np.logical_xor(rows[:, 0] > 0, rows[:, 2] > 0).astype(float)
    trees = boost(rows, label, np.ones(400), np.ones(3, dtype=bool), Settings(trees=20, depth=2, columns=1.0))
    assert ((trees.logits(rows) > 0) == (label > 0)).all()


def test_the_file_of_a_model_scores_rows_as_the_fit_did_those_on_a_limit_too() -> None:
    rng = np.random.default_rng(3)
    rows = np.zeros((600, len(NAMES)), dtype=np.float32)
    rows[:, :3] = rng.random((600, 3)).astype(np.float32)
    label = (rows[:, 0] + rows[:, 1] > 1).astype(float)
    trees = boost(rows, label, np.ones(600), np.ones(len(NAMES), dtype=bool), Settings(trees=20))
    for signals, limits in zip(trees.signals, trees.at, strict=True):
        rows[: len(signals), signals] = limits
    assert np.allclose(read(as_json(trees)).logits(rows), trees.logits(rows), atol=1e-3)


@pytest.mark.requirement("graph.generic")
def test_settings_and_new_values_are_not_looked_for_elsewhere() -> None:
    fields: dict[str, JsonValue] = {
        "page_id": "string",
        "full_page": "string",
        "new_page": "string",
        "page_name": {"type": "string", "description": "New page name"},
    }
    tools = [tool("s", "list_pages"), tool("s", "show_page", fields, required=("page_id",))]
    assert asked(tools, "show_page") == {"page_id"}


@pytest.mark.requirement("graph.fields")
def test_a_bare_path_is_the_path_of_a_file_not_of_what_the_tool_is_about() -> None:
    [view] = views([tool("s", "read_range", {"path": "string"}, required=("path",))])
    assert (view.inputs[0].entity, view.inputs[0].kind) == (("file",), "path")


@pytest.mark.requirement("graph.fields")
def test_a_name_that_spells_a_path_tells_whose_id_a_bare_id_is() -> None:
    [view] = views([tool("s", "getProjectsIdCommitsSha", {"id": "string", "sha": "string"}, required=("id", "sha"))])
    assert {field.name: field.entity for field in view.inputs} == {"id": ("project",), "sha": ("commit",)}


def operation(name: str, method: str, path: str, output: dict[str, JsonValue] | None = None) -> Tool:
    fields = {part[1:-1]: "string" for part in path.split("/") if part.startswith("{")}
    http: dict[str, JsonValue] = {"method": method, "path": path}
    return Tool(
        server="api",
        name=name,
        input_schema=schema(dict(fields), tuple(fields)),
        output_schema=schema(output) if output else None,
        annotations={"x-http": http},
    )


@pytest.mark.requirement("graph.measured")
def test_the_development_set_takes_its_gold_from_the_paths_and_hides_them() -> None:
    record: dict[str, JsonValue] = {"id": "string", "total": "number", "paid": "string"}
    devset = build(
        [
            operation("listBills", "GET", "/bills", listed("data", record)),
            operation("makeBill", "POST", "/bills", record),
            operation("findBills", "GET", "/bills/search", listed("data", record)),
            operation("showBill", "GET", "/bills/{bill_id}", record),
            operation("showShop", "GET", "/shop", {"address": "string"}),
        ]
    )
    [question] = devset.questions
    assert (question.consumer, question.field) == ("showBill", "bill_id")
    assert question.gold == {"listBills", "makeBill"}
    assert question.unjudged == {"findBills"}
    assert all(not tool.annotations for tool in devset.tools["api"])


@pytest.mark.requirement("graph.measured")
def test_precision_leaves_out_what_is_unjudged_and_strict_precision_does_not() -> None:
    """Asserted are two gold pairs, one wrong and one unjudged; a third gold pair scores low, a fourth was no
    candidate: precision 2/3, strict 2/4, recall 2/4."""

    class Given:
        def logits(self, rows: np.ndarray) -> np.ndarray:
            return rows[:, 0]

    pairs = Pairs(
        rows=np.array([[3.0], [2.0], [1.0], [1.0], [-4.0], [-5.0]], dtype=np.float32),
        pair=np.arange(6),
        question=np.zeros(6, dtype=np.int64),
        label=np.array([1, 1, 0, -1, 1, 0]),
        held=np.zeros(6, dtype=np.bool_),
        missed=(False,),
        weight=np.ones(6),
    )
    found = report(pairs, Given())
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["precision_strict"] == pytest.approx(2 / 4)
    assert found["recall"] == pytest.approx(2 / 4)
    assert found["top"] == 1.0


@pytest.mark.requirement("graph.path_known")
def test_where_the_path_is_known_it_proves_the_edge_and_says_so() -> None:
    tools = [
        operation("alpha", "GET", "/bills", listed("data", {"code": "string"})),
        operation("beta", "DELETE", "/bills/{key}"),
        operation("gamma", "GET", "/shops", listed("data", {"code": "string"})),
    ]
    [edge] = [e for e in find_edges(tools) if e.kind == "value" and "path_hierarchy" in e.evidence]
    assert (edge.producer.tool, edge.producer.field) == ("alpha", "data[].code")
    assert (edge.consumer.tool, edge.consumer.field) == ("beta", "key")
    assert edge.score >= 0.97


def margins(*verbs: str) -> list[Tool]:
    need = {"path": "string", "chapter": "string", "span": "string"}
    return [tool("s", f"{verb}_margin", need, required=("path", "chapter", "span")) for verb in verbs]


def book(*more: Tool) -> list[Tool]:
    """A server whose one reader shows chapters and spans beside what it is about."""
    shown = listed("chapters", {"name": "string", "used_span": "string"})
    return [
        tool("s", "describe_book", {"path": "string"}, shown, required=("path",)),
        *margins("read", "format", "clear"),
        *more,
    ]


def shown_by(tools: Sequence[Tool], producer: str, into: str) -> dict[str, str]:
    return {
        edge.consumer.tool: edge.producer.field
        for edge in find_edges(tools)
        if (edge.producer.tool, edge.consumer.field) == (producer, into) and edge.score >= 0.5
    }


@pytest.mark.requirement("graph.shown")
def test_what_a_reader_shows_feeds_what_takes_a_thing_that_no_tool_lists() -> None:
    readers = ("read_margin", "format_margin", "clear_margin")
    assert shown_by(book(), "describe_book", "chapter") == dict.fromkeys(readers, "chapters[].name")
    assert shown_by(book(), "describe_book", "span") == dict.fromkeys(readers, "chapters[].used_span")


@pytest.mark.requirement("graph.shown")
def test_a_shown_value_gives_way_to_a_tool_that_lists_the_thing() -> None:
    lister = tool("s", "list_spans", {"path": "string"}, listed("spans", {"name": "string"}), required=("path",))
    assert not shown_by(book(lister), "describe_book", "span")
    assert shown_by(book(lister), "describe_book", "chapter")


@pytest.mark.requirement("graph.shown")
def test_a_reader_that_takes_a_value_feeds_others_with_it_only_if_it_can_do_without() -> None:
    def seer(*required: str) -> Tool:
        return tool("s", "read_page", {"path": "string", "span": "string"}, {"span": "string"}, required=required)

    assert "read_margin" in shown_by(book(seer("path")), "read_page", "span")
    assert not shown_by(book(seer("path", "span")), "read_page", "span")


@pytest.mark.requirement("graph.told_input")
def test_a_bare_id_is_of_the_thing_that_the_description_names_if_only_that_can_be_listed() -> None:
    relations = tool(
        "s", "get_relations", {"id": "integer"}, required=("id",), description="All recipes related to a recipe id."
    )
    lister = tool("s", "list_recipes", {"tag": "string"})
    assert ("list_recipes", "get_relations") in fed([lister, relations])
    assert ("list_recipes", "get_relations") not in fed([lister, replace(relations, description="")])


@pytest.mark.requirement("graph.told_input")
def test_the_bare_path_that_is_all_a_tool_needs_leads_to_what_the_tool_is_about() -> None:
    opener = tool("s", "describe_album", {"path": "string"}, required=("path",))
    assert ("list_albums", "describe_album") in fed([tool("s", "list_albums", {"sorted": "boolean"}), opener])


@pytest.mark.requirement("graph.told_input")
def test_what_a_thing_gets_wants_nothing_and_a_label_before_a_colon_is_no_such_word() -> None:
    schema_ = {"type": "object", "properties": {"span": {"type": "string", "description": "New table: its span."}}}
    setter = Tool(server="s", name="set_table", input_schema=schema_)
    assert shown_by(book(setter), "describe_book", "span")["set_table"] == "chapters[].used_span"
    schema_["properties"]["span"]["description"] = "New span of the table."
    assert "set_table" not in shown_by(book(setter), "describe_book", "span")


def fed(tools: Sequence[Tool]) -> set[tuple[str, str]]:
    return {(e.producer.tool, e.consumer.tool) for e in find_edges(tools) if e.kind == "value" and e.score >= 0.5}

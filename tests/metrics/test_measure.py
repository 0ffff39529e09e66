import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tdscaling.cli.measure import command
from tdscaling.errors import ConfigError, DataError
from tdscaling.measurement import measure
from tdscaling.measurement.scorecard import scorecard
from tdscaling.types import BANDS

CALL = {"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}
GOOD = {
    "messages": [
        {"role": "user", "content": "Weather in Oslo?"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "1", "content": '{"temp": 4}'},
        {"role": "assistant", "content": "4 degrees."},
    ],
    "tools": [],
}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "data.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


@pytest.mark.requirement("metrics.bad_rows")
def test_bad_rows_are_named_and_the_rest_is_measured(tmp_path: Path) -> None:
    found = measure(written(tmp_path, GOOD, "{torn", {"text": "x"}, GOOD))
    assert [row.number for row in found.bad] == [2, 3]
    assert all(row.reason for row in found.bad)
    assert (found.rows, found.summary.n, found.summary.duplicates) == (4, 2, 1)
    assert found.summary.primary_modes == {"direct": 2}


@pytest.mark.requirement("metrics.foreign")
@pytest.mark.parametrize("processes", [1, 2])
def test_a_derived_domain_hangs_on_the_rows_own_tools_alone(processes: int, tmp_path: Path) -> None:
    """Tools of the same name are not the same tool: neither row decides for the other, in whatever order."""
    call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    rows: list[object] = []
    for told in ("Search flights, hotels and travel bookings", "Search weather forecasts and storm warnings"):
        tool = {"type": "function", "function": {"name": "search", "description": told, "parameters": {}}}
        rows.append({"messages": [*GOOD["messages"][:1], {"role": "assistant", "tool_calls": [call]}], "tools": [tool]})
    there = measure(written(tmp_path, *rows), processes=processes).summary.domains
    back = measure(written(tmp_path, *reversed(rows)), processes=processes).summary.domains
    assert there == back == {"real_estate_travel": 1, "weather_environment": 1}


@pytest.mark.requirement("metrics.foreign")
def test_domains_of_a_foreign_data_set_come_from_its_tools_and_given_ones_are_kept(tmp_path: Path) -> None:
    found = measure(written(tmp_path, GOOD, {**GOOD, "domain": "climate"}))
    assert set(found.summary.domains) > {"climate"}
    assert not found.planned_domains


@pytest.mark.requirement("metrics.bad_rows")
def test_half_of_a_character_in_arguments_or_a_result_is_read_like_any_other_text(tmp_path: Path) -> None:
    torn = json.loads(json.dumps(GOOD).replace("Oslo", "\\ud83d").replace("temp", "\\ud83d"))
    assert torn["messages"][2]["content"] == '{"\ud83d": 4}'
    found = measure(written(tmp_path, torn))
    assert (found.bad, found.summary.n, found.summary.calls) == ((), 1, 1)


@pytest.mark.requirement("metrics.empty")
def test_an_empty_data_set_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no trajectory"):
        measure(written(tmp_path))
    with pytest.raises(DataError, match="none of 1 rows"):
        measure(written(tmp_path, "{torn"))
    with pytest.raises(ConfigError):
        measure(tmp_path / "absent.jsonl")


@pytest.mark.requirement("metrics.json")
def test_the_command_prints_all_figures_as_json_and_names_bad_rows_on_stderr(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(written(tmp_path, GOOD, "{torn")), "--json", "--domains", "8"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["rows"], found["measured"], found["domain_entropy"]["k"]) == (2, 1, 8)
    assert found["cac"]["p50"] == 1.5
    assert found["bands"]["[0,4)"] == 1
    assert "row 2:" in result.stderr


@pytest.mark.requirement("metrics.json")
def test_near_duplicates_that_were_not_looked_for_are_not_none(tmp_path: Path) -> None:
    path = str(written(tmp_path, GOOD, GOOD))
    found = [
        json.loads(CliRunner().invoke(command, [path, "--json", *more]).stdout)["near_duplicates"]
        for more in ([], ["--no-duplicates"])
    ]
    assert found == [1, None]


@pytest.mark.requirement("metrics.json")
def test_the_command_prints_tables(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(written(tmp_path, GOOD))])
    assert result.exit_code == 0
    for words in ("Domain Entropy", "Reasoning Mode Entropy", "direct", "get_weather", "p99", "normalised", *BANDS):
        assert words in result.stdout, words


@pytest.mark.requirement("metrics.scorecard")
def test_measuring_begins_with_the_scorecard_that_says_how_many_rows_it_rests_on(tmp_path: Path) -> None:
    rows = [GOOD, "{torn", GOOD]
    result = CliRunner().invoke(command, [str(written(tmp_path, *rows))])
    card = scorecard(measure(written(tmp_path, *rows)))
    assert card["trajectories measured"] == "2 of 3 rows"
    assert card["near-duplicates"] == "1 (50.0%)"
    for name, figure in card.items():
        assert any(name in line and figure in line for line in result.stdout.splitlines()), name


@pytest.mark.requirement("metrics.compare")
def test_two_data_sets_are_shown_side_by_side(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    arguments = [str(written(tmp_path, GOOD, "{torn")), "--compare", str(written(other, GOOD, GOOD, GOOD))]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if "trajectories measured" in line)
    assert "1 of 2 rows" in row
    assert "3 of 3 rows" in row
    both = json.loads(CliRunner().invoke(command, [*arguments, "--json"]).stdout)
    assert [one["measured"] for one in both] == [1, 3]

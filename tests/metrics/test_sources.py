import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.metrics.test_measure import GOOD, written
from tests.report.samples import CLUSTER
from tests.store.sample import outcome

from tdscaling.errors import DataError
from tdscaling.export import Row, parts
from tdscaling.export.readers import read_dataset
from tdscaling.graph import save_clusters
from tdscaling.measurement import measure
from tdscaling.store import RunStore

THANKS = {"messages": [{"role": "user", "content": "Thanks."}, {"role": "assistant", "content": "You are welcome."}]}


def mixed(count: int) -> list[object]:
    """Rows of three tools whose descriptions change, some bad, some near-duplicates of rows far before."""
    rng = random.Random(5)
    rows: list[object] = []
    for number in range(count):
        name = rng.choice(["find_order", "get_patient", "list_files"])
        call = {"id": "1", "function": {"name": name, "arguments": json.dumps({"id": number % 40})}}
        text = f"Look up {' '.join(f'w{(number % 40) * 7 + place}' for place in range(12))} number {number % 40}."
        about = rng.choice(["orders of a shop", "patients of a hospital", "weather and climate", "git commits"])
        tool = {"name": name, "description": about, "parameters": {"properties": {"id": {"type": "integer"}}}}
        messages = [
            {"role": "user", "content": text},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": json.dumps({"id": number, "name": f"n-{number}"})},
        ]
        rows.append("{torn" if number % 37 == 5 else {"messages": messages, "tools": [tool]})
    return rows


@pytest.mark.requirement("metrics.processes")
def test_three_processes_give_the_same_figures_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, *mixed(200))
    whole = measure(path)
    monkeypatch.setattr(parts, "SIZE", 4_000)
    assert len(list(parts.parts(path))) > 10
    seen: list[int] = []
    assert measure(path, processes=3, on_row=lambda: seen.append(1)) == whole
    assert len(seen) == whole.rows == 200
    assert whole.summary.duplicates > 50
    assert [row.number for row in whole.bad] == [6, 43, 80, 117, 154, 191]
    assert len(whole.summary.domains) > 1


@pytest.mark.requirement("metrics.processes")
def test_an_error_in_another_process_is_raised_here(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text("{torn")
    with pytest.raises(DataError, match=r"data\.json can't be read"):
        measure(path, processes=2)


@pytest.mark.requirement("metrics.sources")
@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_parts_of_json_lines_hold_every_line_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    path = written(tmp_path, *mixed(50), "", GOOD)
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    whole = list(read_dataset(path))
    monkeypatch.setattr(parts, "SIZE", size)
    assert list(read_dataset(path)) == whole == list(read_dataset(packed))
    assert [row.number for row in whole] == list(range(1, 52))


@pytest.mark.requirement("metrics.sources")
@pytest.mark.parametrize("groups", [25, 1_000])
def test_parquet_is_measured_in_slices_as_json_lines_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: int
) -> None:
    monkeypatch.setattr(parts, "BATCH", 25)
    rows = [row for row in mixed(60) if isinstance(row, dict)]
    lines = measure(written(tmp_path, *rows))
    table = pa.table(
        {"messages": [json.dumps(row["messages"]) for row in rows], "tools": [json.dumps(row["tools"]) for row in rows]}
    )
    path = tmp_path / "data.parquet"
    parquet.write_table(table, path, row_group_size=groups)
    assert len(list(parts.parts(path))) == 3
    assert replace(measure(path), source=lines.source) == lines


@pytest.mark.requirement("metrics.sources")
def test_a_run_folder_is_measured_by_what_its_run_has_recorded(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "run", "f", "seed: 7") as store:
        for number in range(3):
            store.record(outcome(number))
        store.record(outcome(3, failed="replay"))
    found = measure(tmp_path / "run")
    kept = outcome(0).trajectory
    assert kept is not None
    assert (found.rows, found.summary.n, found.bad, found.planned_domains) == (3, 3, (), True)
    assert found.summary.primary_modes == {kept.descriptor.primary_mode: 3}
    assert set(found.summary.domains) == {kept.descriptor.domain}
    assert found.summary.duplicates == 2


@pytest.mark.requirement("metrics.sources")
def test_a_domain_of_the_catalogue_that_a_run_left_empty_costs_domain_entropy(tmp_path: Path) -> None:
    """By hand: one kept in a and one in b of a catalogue with a, b, c and d: log 2 / log 4."""
    run = tmp_path / "run"
    with RunStore.open(run, "f", "seed: 7") as store:
        for number, domain in enumerate("ab"):
            made = outcome(number)
            assert made.trajectory is not None
            where = replace(made.trajectory.descriptor, domain=domain)
            store.record(replace(made, trajectory=replace(made.trajectory, descriptor=where)))
    save_clusters(run / "clusters.jsonl", [replace(CLUSTER, id=domain, domain=domain) for domain in "bcd"])
    found = measure(run).summary.domain_entropy
    assert (found.k, round(found.normalised, 9), round(found.effective, 9)) == (4, 0.5, 2)
    assert measure(run, domains=8).summary.domain_entropy.k == 8


@pytest.mark.requirement("metrics.none_share")
def test_the_share_without_any_mode_is_told_and_left_out_of_the_cells(tmp_path: Path) -> None:
    found = measure(written(tmp_path, GOOD, THANKS, GOOD, GOOD)).summary
    assert found.none_share == 0.25
    assert found.primary_modes == {"direct": 3, "none": 1}
    assert sum(found.cells.values()) == 3


@pytest.mark.requirement("metrics.bad_rows")
def test_one_bad_row_is_named_with_its_number_and_its_reason(tmp_path: Path) -> None:
    found = measure(written(tmp_path, GOOD, {"messages": [{"role": "wizard", "content": "x"}]}, GOOD))
    assert [(row.number, row.reason) for row in found.bad] == [(2, "message 0 has the unknown role 'wizard'")]


@pytest.mark.requirement("metrics.bad_rows")
def test_each_row_that_could_be_read_is_told_with_its_number_and_its_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "SIZE", 1)
    told: list[tuple[int, str]] = []
    measure(written(tmp_path, GOOD, "{torn", GOOD, THANKS), on_cell=lambda row, cell: told.append((row, cell.mode)))
    assert told == [(1, "direct"), (3, "direct"), (4, "none")]


@pytest.mark.requirement("metrics.sources", "metrics.bad_rows")
def test_a_file_of_a_folder_that_can_not_be_read_is_one_bad_row_and_the_rest_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.jsonl").write_text(json.dumps(GOOD) + "\n{torn\n")
    (folder / "b.json").write_text("{torn")
    (folder / "c.parquet").write_bytes(b"torn")
    (folder / "d.jsonl.gz").write_bytes(gzip.compress((json.dumps(GOOD) + "\n").encode() * 3)[:-9])
    parquet.write_table(pa.table({"messages": [json.dumps(GOOD["messages"])]}), folder / "e.parquet")
    found = measure(folder)
    reasons = {row.number: row.reason for row in found.bad}
    assert found.summary.n == 2
    assert list(reasons) == [2, 3, 4, 5]
    assert reasons[2].endswith("(in a.jsonl)")
    assert [f"{name} can't be read" in reasons[row] for row, name in ((3, "b.json"), (4, "c.parquet"))] == [True, True]
    assert "d.jsonl.gz can't be read" in reasons[5]
    assert measure(folder, processes=2) == found


@pytest.mark.requirement("metrics.bad_rows")
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{torn", "it is not JSON: Expecting property name enclosed in double quotes at character 2"),
        ({"messages": None}, "its messages are empty"),
        ({"messages": []}, "its messages are empty"),
        ({"text": "x"}, "it has no messages, its columns are text"),
        ({**GOOD, "tools": 3}, "tools is no list but a number"),
        ({**GOOD, "tools": [None]}, "tool is no object but null"),
        ({**GOOD, "tools": [{"name": "f", "parameters": [1]}]}, "parameters of f is no object but a list"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_in_words_of_json(tmp_path: Path, row: object, reason: str) -> None:
    found = measure(written(tmp_path, GOOD, row, GOOD))
    assert [(bad.number, bad.reason) for bad in found.bad] == [(2, reason)]
    assert found.summary.n == 2


@pytest.mark.requirement("metrics.bad_rows")
def test_nulls_that_arrow_puts_into_nested_schemas_do_no_harm(tmp_path: Path) -> None:
    one = {"type": "object", "properties": {"a": {"type": "integer", "enum": None}, "b": None}, "required": None}
    two = {"type": "object", "properties": {"a": None, "b": {"type": "string", "enum": ["x", None]}}, "required": ["b"]}
    rows = [
        {
            "messages": [
                {"role": "user", "content": "x", "tool_calls": None},
                {"role": "assistant", "content": None, "tool_calls": [{"id": None, "name": "f", "arguments": values}]},
            ],
            "tools": [{"name": "f", "description": None, "parameters": schema}],
        }
        for schema, values in ((one, {"a": 1, "b": None}), (two, {"a": None, "b": "x"}))
    ]
    path = tmp_path / "data.parquet"
    parquet.write_table(pa.Table.from_pylist([*rows, {"messages": None, "tools": None}]), path)
    found = measure(path)
    assert (found.summary.n, found.summary.calls, found.summary.tools) == (2, 2, {"f": 2})
    assert [(bad.number, bad.reason) for bad in found.bad] == [(3, "its messages are empty")]


@pytest.mark.requirement("metrics.sources")
def test_rows_share_the_tools_that_are_the_same_and_of_the_same_server(tmp_path: Path) -> None:
    tools = [{"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}]
    origins = [{"server": server, "tool": "f", "read_only": True} for server in ("one", "one", "two")]
    rows = [{"messages": GOOD["messages"], "tools": tools, "tool_origins": [origin]} for origin in origins]
    found = [row.record.dialogue.tools[0] for row in read_dataset(written(tmp_path, *rows)) if isinstance(row, Row)]
    assert [tool.server for tool in found] == ["one", "one", "two"]
    assert found[0] is found[1]


@pytest.mark.requirement("metrics.bad_rows")
def test_a_dialogue_of_two_thousand_messages_is_measured_whole(tmp_path: Path) -> None:
    messages: list[object] = [
        {"role": "user", "content": "start"},
        {"role": "assistant", "content": "Yes."},
    ]
    for number in range(999):
        call = {"id": str(number), "function": {"name": "get_item", "arguments": json.dumps({"id": f"item-{number}"})}}
        messages.append({"role": "assistant", "content": "", "tool_calls": [call]})
        result = json.dumps({"next": f"item-{number + 1}", "rows": [{"n": number, "k": k} for k in range(9)]})
        messages.append({"role": "tool", "tool_call_id": str(number), "content": result})
    found = measure(written(tmp_path, {"messages": messages})).summary
    assert (found.messages, found.calls) == (2_000, 999)
    assert "sequential" in found.modes

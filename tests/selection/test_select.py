"""`tdscaling select` on data sets: rules, figures, card and bad input."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.store.sample import outcome

from tdscaling.cli.select import command
from tdscaling.errors import ConfigError, DataError, TDScalingError
from tdscaling.export import Row, read_dataset
from tdscaling.selection.tokens import approximate, counter, text_of
from tdscaling.store import RunStore
from tdscaling.types import Dialogue, Message, OfferedTool

CITIES = "Oslo Rome Lima Cairo Delhi Quito Paris Seoul".split()
TOOLS = ("get_weather", "find_hotel", "book_train", "convert_money")


def row(number: int, *, words: str = "please") -> dict[str, object]:
    """Few distinct dialogues and many alike: the last ones are of one domain and one tool."""
    rare = number < len(TOOLS)
    tool = TOOLS[number] if rare else TOOLS[0]
    city = CITIES[number % len(CITIES)]
    call = {"id": "1", "type": "function", "function": {"name": tool, "arguments": json.dumps({"city": city})}}
    return {
        "id": f"t{number}",
        "domain": f"domain {number}" if rare else "weather",
        "messages": [
            {"role": "user", "content": f"{tool} for {city}, {words}"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "{}"},
            {"role": "assistant", "content": "Done."},
        ],
        "tools": [],
    }


def pool(folder: Path, rows: Sequence[object]) -> Path:
    path = folder / "pool.jsonl"
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows))
    return path


def chosen(folder: Path, source: Path, *options: str, budget: int = 300) -> tuple[dict[str, object], list[str]]:
    """What --json printed, and the ids that were written."""
    out = folder / "out"
    found = CliRunner().invoke(
        command, [str(source), "--budget-tokens", str(budget), "-o", str(out), "--json", *options]
    )
    if found.exception is not None:
        raise found.exception
    rows = [one.record.id for one in read_dataset(out / "train.jsonl") if isinstance(one, Row)]
    return json.loads(found.stdout), rows


@pytest.fixture
def many(tmp_path: Path) -> Path:
    return pool(tmp_path, [row(number) for number in range(60)])


@pytest.mark.requirement("selection.beats_random", "selection.budget", "selection.any_shape")
def test_the_rare_dialogues_are_chosen_within_the_budget(tmp_path: Path, many: Path) -> None:
    found, ids = chosen(tmp_path, many, budget=600)
    assert {"t0", "t1", "t2", "t3"} <= set(ids)
    assert found["selection"]["F"] > found["random"]["F"]  # type: ignore[index]
    assert found["selection"]["tokens"] <= 600  # type: ignore[index]
    assert 0.7 < found["reached"] <= 1  # type: ignore[operator]


@pytest.mark.requirement("selection.seeded", "selection.card")
def test_the_same_seed_writes_the_same_bytes_and_the_card_says_why(tmp_path: Path, many: Path) -> None:
    chosen(tmp_path, many, "--seed", "3")
    first = (tmp_path / "out" / "train.jsonl").read_bytes()
    chosen(tmp_path, many, "--seed", "3")
    assert (tmp_path / "out" / "train.jsonl").read_bytes() == first
    card = (tmp_path / "out" / "README.md").read_text()
    assert "of 60 dialogues" in card
    assert "300 tokens" in card
    assert "of the best possible" in card
    assert "synthetic" not in card, "how the dialogues of a foreign data set were made is not known"


@pytest.mark.requirement("selection.card")
def test_the_card_of_what_is_chosen_of_a_run_says_that_it_is_synthetic(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "run", "f1", "seed: 7") as store:
        store.record(outcome(0))
    chosen(tmp_path, tmp_path / "run", budget=5000)
    assert "- synthetic\n" in (tmp_path / "out" / "README.md").read_text()


@pytest.mark.requirement("selection.must_never")
def test_ids_that_must_be_in_are_in_and_those_that_must_not_are_not(tmp_path: Path, many: Path) -> None:
    (tmp_path / "must").write_text("t50\n\nt51\n")
    (tmp_path / "never").write_text("t0\n")
    found, ids = chosen(tmp_path, many, "--must", str(tmp_path / "must"), "--never", str(tmp_path / "never"))
    assert {"t50", "t51"} <= set(ids)
    assert "t0" not in ids
    assert found["excluded"] == 1
    assert "of the best possible that holds the rows of --must" in (tmp_path / "out" / "README.md").read_text()
    (tmp_path / "must").write_text("t50\nabsent\n")
    with pytest.raises(ConfigError, match=r"1 ids are not in .*: absent"):
        chosen(tmp_path, many, "--must", str(tmp_path / "must"))


@pytest.mark.requirement("selection.must_never", "selection.decontaminated")
def test_what_must_be_in_and_is_kept_out_is_refused_by_name(tmp_path: Path, many: Path) -> None:
    (tmp_path / "must").write_text("t7\nt6\nt1\n")
    (tmp_path / "never").write_text("t7\nt6\n")
    with pytest.raises(
        ConfigError, match=r"^2 ids that must be in can't be, the first: t6: row 7, it must not be in e"
    ):
        chosen(tmp_path, many, "--must", str(tmp_path / "must"), "--never", str(tmp_path / "never"))
    (tmp_path / "bench.txt").write_text("find_hotel for Rome, please")
    options = ("--exclude", str(tmp_path / "bench.txt"), "--ngram", "5")
    with pytest.raises(ConfigError, match=r"^1 ids that must be in can't be, the first: t1: row 2, it shares a run of"):
        chosen(tmp_path, many, "--must", str(tmp_path / "must"), *options)


@pytest.mark.requirement("selection.must_never")
def test_what_must_be_in_and_costs_more_than_the_budget_is_refused(tmp_path: Path, many: Path) -> None:
    (tmp_path / "must").write_text("".join(f"t{number}\n" for number in range(60)))
    with pytest.raises(ConfigError, match="must be in cost"):
        chosen(tmp_path, many, "--must", str(tmp_path / "must"))


@pytest.mark.requirement("selection.stratified")
def test_each_value_of_a_stratified_family_gets_its_share(tmp_path: Path) -> None:
    long = [row(number, words="please " * 40) for number in range(4, 40)]
    source = pool(tmp_path, [row(0, words="please " * 120), *long])
    _, ids = chosen(tmp_path, source, "--stratify", "domain", budget=700)
    assert "t0" in ids


@pytest.mark.requirement("selection.stratified", "selection.bound")
def test_what_strata_are_said_to_reach_is_true_where_they_cost_most_of_it(tmp_path: Path) -> None:
    """Twenty dull domains of one dialogue, 88 tokens each: their shares leave too little for one of the rich domain."""
    dull = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "well " * 60}
    rows = [{"id": f"d{number}", "domain": f"d{number}", "messages": dull} for number in range(20)]
    rich = row(9, words="please " * 60)
    asked, call, result, _ = rich["messages"]  # type: ignore[misc]
    rich["messages"] = [asked, call, result, call, result]
    source = pool(tmp_path, [*rows, *({**rich, "id": f"r{number}"} for number in range(20))])
    shared, ids = chosen(tmp_path, source, "--stratify", "domain", budget=1850)
    free, _ = chosen(tmp_path, source, budget=1850)
    assert ids == [f"d{number}" for number in range(20)]
    share = shared["selection"]["F"] / free["selection"]["F"]  # type: ignore[index]
    assert share < 0.39
    assert shared["reached"] == pytest.approx(shared["selection"]["F"] / shared["bound"])  # type: ignore[index,operator]
    assert shared["reached"] <= share


@pytest.mark.requirement("selection.decontaminated")
@pytest.mark.parametrize("name", ["bench.txt", "bench.jsonl"])
def test_a_planted_overlap_with_a_benchmark_is_caught(tmp_path: Path, name: str) -> None:
    secret = "the quick brown fox jumps over the lazy dog while nobody at all is looking"
    source = pool(tmp_path, [row(0), row(1, words=secret.upper()), row(2), row(3)])
    text = f"Task: {secret}."
    (tmp_path / name).write_text(text if name.endswith("txt") else json.dumps({"a": [{"b": text}]}) + "\n")
    found, ids = chosen(tmp_path, source, "--exclude", str(tmp_path / name), budget=10_000)
    assert found["contaminated"] == 1
    assert ids == ["t0", "t2", "t3"]


SECRET = "the quick brown fox jumps over the lazy dog while nobody at all is looking"


@pytest.mark.requirement("selection.decontaminated")
@pytest.mark.parametrize(("name", "lines"), [("a.json", json.dumps(["x", [SECRET]])), ("a.jsonl", json.dumps(SECRET))])
def test_a_list_of_texts_is_kept_out_as_well_as_rows_that_are_objects(tmp_path: Path, name: str, lines: str) -> None:
    (tmp_path / name).write_text(lines)
    source = pool(tmp_path, [row(0), row(1, words=SECRET)])
    found, ids = chosen(tmp_path, source, "--exclude", str(tmp_path / name), budget=10_000)
    assert found["contaminated"] == 1
    assert ids == ["t0"]


@pytest.mark.requirement("selection.decontaminated", "selection.bad_input")
@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        (
            "a.jsonl",
            f'{{"a": "{SECRET}"}}\n\n{{"a": "torn\n',
            r"row 2 of .*a\.jsonl can't be read: it is not JSON: .*: mend",
        ),
        ("a.jsonl", '{"a": 1}\n', r"a\.jsonl has no text, so nothing could be kept out"),
        ("a.json", "[]", r"a\.json has no text"),
        ("a.txt", " \n", r"a\.txt has no text"),
    ],
)
def test_what_should_be_kept_out_and_cant_be_read_whole_is_one_line(
    tmp_path: Path, many: Path, name: str, content: str, line: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=line):
        chosen(tmp_path, many, "--exclude", str(tmp_path / name))


@pytest.mark.requirement("selection.tokens")
def test_texts_of_tools_that_are_not_ascii_cost_what_their_utf8_costs() -> None:
    """260 signs of 3 bytes; with 14 bytes for the name, 19 around the description, 18 for the parameters and the line
    break, and 7 for the message: 838 bytes / 3.6 = 232.8 tokens. As escapes the description alone would be 1,560."""
    tool = OfferedTool(name="t", description="查" * 260, parameters={})
    dialogue = Dialogue(messages=(Message(role="user", content="hi"),), tools=(tool,))
    assert text_of(dialogue) == '{"name": "t", "description": "' + "查" * 260 + '", "parameters": {}}\nuser\nhi'
    assert approximate(text_of(dialogue)) == 233


@pytest.mark.requirement("selection.tokens")
def test_a_tokenizer_counts_and_a_file_that_is_none_is_named(tmp_path: Path, many: Path) -> None:
    found, _ = chosen(tmp_path, many)
    assert "approximation" in str(found["tokens_counted_by"])
    tokenizers = pytest.importorskip("tokenizers", reason="the extra tokens is not installed")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(tmp_path / "tokenizer.json"))
    counted, _ = chosen(tmp_path, many, "--tokenizer", str(tmp_path))
    assert counted["tokens_counted_by"] == tmp_path.name
    assert counter(tmp_path)[0]("half a \ud800 character") == 4
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigError, match="is no tokenizer"):
        chosen(tmp_path, many, "--tokenizer", str(tmp_path))


@pytest.mark.requirement("selection.bad_input")
@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([], "no dialogue to choose"),
        (["{torn", {"text": "x"}], "first bad row: 1"),
        ([row(0, words="please " * 4000)], "the shortest of 1 dialogues has"),
    ],
)
def test_a_pool_with_nothing_to_choose_is_one_clear_line(tmp_path: Path, rows: list[object], line: str) -> None:
    with pytest.raises(DataError, match=line):
        chosen(tmp_path, pool(tmp_path, rows))


@pytest.mark.requirement("selection.bad_input")
def test_bad_rows_are_named_and_the_rest_is_chosen_from(tmp_path: Path) -> None:
    found, ids = chosen(tmp_path, pool(tmp_path, [row(0), "{torn", row(1)]), budget=10_000)
    assert ids == ["t0", "t1"]
    assert [bad["row"] for bad in found["bad_rows"]] == [2]  # type: ignore[attr-defined,index]


@pytest.mark.requirement("selection.bad_input")
def test_files_that_are_not_there_are_named(tmp_path: Path, many: Path) -> None:
    for option in ("--exclude", "--must", "--tokenizer"):
        with pytest.raises(TDScalingError, match="absent"):
            chosen(tmp_path, many, option, str(tmp_path / "absent"))


def marked(number: int, name: str) -> dict[str, object]:
    """A dialogue of a rare tool in which nothing is trained: `trl` refuses it, `openai` holds it."""
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    asked: dict[str, object] = {"role": "assistant", "content": "", "tool_calls": [call], "weight": 0}
    messages = [
        {"role": "user", "content": f"{name}, please"},
        asked,
        {"role": "tool", "tool_call_id": "1", "content": "ok"},
        {"role": "assistant", "content": "Done.", "weight": 0},
    ]
    return {"id": f"m{number}", "domain": name, "messages": messages, "tools": []}


@pytest.mark.requirement("selection.refused")
def test_rows_that_the_format_cant_hold_are_told_and_no_figure_speaks_of_them(tmp_path: Path) -> None:
    good = [row(number) for number in range(12)]
    source = pool(tmp_path, [*good[:5], *(marked(number, f"rare_{number}") for number in range(7)), *good[5:]])
    found, ids = chosen(tmp_path, source)
    (tmp_path / "good").mkdir()
    alone, same = chosen(tmp_path / "good", pool(tmp_path / "good", good))
    assert ids == same
    for key in ("records", "pool", "bound", "reached", "selection", "random"):
        assert found[key] == alone[key]
    assert found["selection"]["n"] == found["records"] == len(ids)  # type: ignore[index]
    assert [one["row"] for one in found["skipped"]] == [*range(6, 13)]  # type: ignore[attr-defined,index]
    card = (tmp_path / "out" / "README.md").read_text()
    assert "can't be held by trl | 7 dialogues (row 6: every message of the assistant is marked" in card
    assert "; and 2 more)" in card
    told = CliRunner().invoke(command, [str(source), "--budget-tokens", "300", "-o", str(tmp_path / "out")])
    assert told.stderr.count("can't be held by trl: every message of the assistant is marked") == 5
    assert "row 6 can't be held" in told.stderr
    assert "and 2 more can't be held by trl" in told.stderr
    assert "7 that trl can't hold" in told.stdout
    held, _ = chosen(tmp_path, source, "--format", "openai")
    assert (held["pool"], held["skipped"]) == (19, [])


@pytest.mark.requirement("selection.refused", "selection.bad_input")
def test_where_the_format_holds_no_row_or_not_one_that_must_be_in_that_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no dialogue to choose.*, 1 can't be held by trl, the first: row 1: every"):
        chosen(tmp_path, pool(tmp_path, [marked(0, "rare")]))
    (tmp_path / "must").write_text("m0\nt1\n")
    with pytest.raises(ConfigError, match=r"1 ids that must be in can't be, the first: m0: row 1, the format can't"):
        chosen(tmp_path, pool(tmp_path, [marked(0, "rare"), row(1)]), "--must", str(tmp_path / "must"))

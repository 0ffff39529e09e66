"""Each kind of task: made by seed, held by its controls, solved by its gold solution over several calls."""

import io
import sqlite3
from dataclasses import replace
from random import Random

import pytest
from openpyxl import load_workbook

from tdscaling.code_tasks.admission import admit, run_gold
from tdscaling.code_tasks.analysis.task import analysis
from tdscaling.code_tasks.analysis.xlsx import workbook
from tdscaling.code_tasks.hidden import answered, judge_work
from tdscaling.code_tasks.make import Workshop, workshop
from tdscaling.code_tasks.sql.questions import questions
from tdscaling.code_tasks.sql.schema import read_schema
from tdscaling.code_tasks.sql.task import text_to_sql
from tdscaling.code_tasks.sql.themes import build
from tdscaling.code_tasks.task import CodeTask, TaskRejectedError
from tdscaling.sandbox import Sandbox
from tdscaling.types import CodeKind, Constant, TaskFile

pytestmark = pytest.mark.sandbox
KINDS: tuple[CodeKind, ...] = ("sql", "analysis", "repair", "implement")


@pytest.fixture(scope="module")
def shop(sandbox: Sandbox) -> Workshop:
    return Workshop(sandbox, packages=False)


@pytest.mark.requirement("code_tasks.seeded")
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_makes_the_same_task_and_another_seed_another(shop: Workshop, kind: CodeKind) -> None:
    assert shop.make(kind, 5) == shop.make(kind, 5)
    assert shop.make(kind, 5) != shop.make(kind, 6)


@pytest.mark.requirement("code_tasks.controls", "code_tasks.repair", "code_tasks.implement", "code_tasks.analysis")
@pytest.mark.parametrize("kind", KINDS)
def test_gold_passes_and_doing_nothing_or_wrong_fails(shop: Workshop, kind: CodeKind) -> None:
    admitted = 0
    for seed in range(4):
        try:
            task, gold = admit(shop.make(kind, seed), shop.sandbox)
        except TaskRejectedError:
            continue
        admitted += 1
        left = {**gold.left, **answered(task.work, task.turns[-1].report)}
        assert judge_work(shop.sandbox, task.work, left).passed
        assert not judge_work(shop.sandbox, task.work, {}).passed
        assert not judge_work(shop.sandbox, task.work, {file.path: file.data for file in task.wrong}).passed
    assert admitted >= 3


@pytest.mark.requirement("code_tasks.controls")
def test_a_task_whose_controls_do_not_hold_is_rejected_with_the_one_that_fell(shop: Workshop) -> None:
    task = shop.make("implement", 2)
    right = run_gold(task, shop.sandbox).left[task.work.outputs[0]].decode()
    solved = TaskFile(path=task.work.outputs[0], content=right)
    with pytest.raises(TaskRejectedError, match="untouched_passes"):
        admit(replace(task, work=replace(task.work, files=(solved,))), shop.sandbox)
    with pytest.raises(TaskRejectedError, match="wrong_solution_passes"):
        admit(replace(task, wrong=(solved,)), shop.sandbox)
    step = replace(task.steps[0], arguments={"command": Constant(value="false"), "code": Constant(value="1 / 0")})
    broken = replace(task, turns=(replace(task.turns[0], steps=(step,)),))
    with pytest.raises(TaskRejectedError, match="gold_call_failed"):
        admit(broken, shop.sandbox)
    lazy = replace(task, turns=(replace(task.turns[0], steps=()),))
    with pytest.raises(TaskRejectedError, match="gold_fails"):
        admit(lazy, shop.sandbox)


@pytest.mark.requirement("code_tasks.repair")
def test_a_repair_sees_the_test_fail_then_pass(shop: Workshop) -> None:
    task = shop.make("repair", 1)
    fails = [step.expect_error for step in task.steps]
    commands = [str(b.value) for step in task.steps for b in step.arguments.values() if isinstance(b, Constant)]
    tests = [text for text in commands if "python" in text and ("test_" in text or "check_" in text)]
    assert len(task.steps) >= 4
    assert True in fails
    assert fails[-1] is False
    assert commands[-1] in tests
    assert tests.count(commands[-1]) >= 2


def _answers(task: CodeTask, sql: str) -> dict[str, bytes]:
    return answered(task.work, f"Here:\n\n```sql\n{sql}\n```\n")


@pytest.mark.requirement("code_tasks.sql")
def test_only_a_query_that_gives_the_same_rows_on_other_data_too_is_right(sandbox: Sandbox) -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(
        "CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, weight INTEGER);"
        + "".join(
            f"INSERT INTO pets VALUES ({n}, 'pet {n}', '{'cat' if n % 3 else 'dog'}', {n});" for n in range(1, 31)
        )
    )
    data = db.serialize()
    task = next(
        task for seed in range(60) if "how many" in (task := text_to_sql(seed, ("pets.db", data))).turns[0].report
        or "how many" in task.turns[0].requests[0].action
    )  # fmt: skip
    _, gold = admit(task, sandbox)
    assert gold.left == {}
    value = "cat" if "cat" in task.turns[0].requests[0].action else "dog"
    right = f"select count(id) from pets where kind like '{value}'"
    assert judge_work(sandbox, task.work, _answers(task, right)).passed
    constant = db.execute(right).fetchone()[0]
    db.close()
    for wrong in (
        f"SELECT {constant}",
        f"SELECT count(*), 1 FROM pets WHERE kind = '{value}'",
        "SELECT count(*) FROM pets",
        "DROP TABLE pets",
        "not sql",
        f"{right}; SELECT 1",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    ):
        work = replace(task.work, tests=replace(task.work.tests, timeout=3.0))
        assert not judge_work(sandbox, work, _answers(task, wrong)).passed, wrong


@pytest.mark.requirement("code_tasks.sql")
def test_every_question_runs_and_its_near_miss_is_another_query() -> None:
    seen: set[str] = set()
    for seed in range(6):
        _, data = build(seed)
        db = sqlite3.connect(":memory:")
        db.deserialize(data)
        for question in questions(read_schema(db), Random(seed)):
            db.execute(question.query).fetchall()
            db.execute(question.wrong).fetchall()
            assert question.query != question.wrong
            seen.add(question.asked.split()[0])
        db.close()
    assert len(seen) >= 3


@pytest.mark.requirement("code_tasks.sql")
def test_what_is_no_database_or_has_nothing_to_ask_about_is_rejected() -> None:
    with pytest.raises(TaskRejectedError, match="database_unreadable"):
        text_to_sql(1, ("odd.db", b"SQLite format 3\0" + b"x" * 4000))
    empty = sqlite3.connect(":memory:")
    empty.execute("CREATE TABLE bare (id INTEGER)")
    data = empty.serialize()
    empty.close()
    with pytest.raises(TaskRejectedError, match="no_question"):
        text_to_sql(1, ("empty.db", data))


@pytest.mark.requirement("code_tasks.analysis", "code_tasks.seeded")
def test_a_workbook_is_the_same_bytes_every_time_and_openpyxl_reads_it() -> None:
    data = workbook("Sales", [("id", "name"), (1, "a & b"), (2, "")])
    assert data == workbook("Sales", [("id", "name"), (1, "a & b"), (2, "")])
    rows = list(load_workbook(io.BytesIO(data))["Sales"].iter_rows(values_only=True))
    assert rows == [("id", "name"), (1, "a & b"), (2, None)]


@pytest.mark.requirement("code_tasks.analysis")
def test_excel_and_data_frames_are_used_where_the_sandbox_has_the_packages(sandbox: Sandbox) -> None:
    made = [analysis(seed, packages=True) for seed in range(30)]
    assert any(file.path.endswith(".xlsx") for task in made for file in task.work.files)
    plain = [analysis(seed, packages=False) for seed in range(30)]
    assert not any(file.path.endswith(".xlsx") for task in plain for file in task.work.files)
    if not workshop(sandbox).packages:
        pytest.skip("the packages of the sandbox are not built here (make sandbox-packages)")
    task = next(task for task in made if task.work.files[0].path.endswith(".xlsx"))
    assert admit(task, sandbox)

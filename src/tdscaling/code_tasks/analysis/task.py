"""An analysis task: look at the file, clean it as the user says, compute, write the result down and tell it."""

import json
from dataclasses import dataclass
from random import Random

from tdscaling.code_tasks.analysis.data import Table, as_csv, as_workbook, table
from tdscaling.code_tasks.analysis.questions import QUESTIONS, Question
from tdscaling.code_tasks.task import PYTHON, SHELL, Act, CodeTask, steps
from tdscaling.code_tasks.words import pick
from tdscaling.types import AnswerFact, CodeWork, FromOutput, HiddenTests, JsonValue, Request, TaskFile, Turn

WITH_FRAMES = 0.3
"""Share of tasks whose gold solution uses pandas, where the packages are there."""
EXCEL = 0.35
_TESTS = '''
import json

def close(found, wanted):
    """Equal; numbers up to the rounding that was asked for."""
    if isinstance(wanted, dict):
        same = isinstance(found, dict) and found.keys() == wanted.keys()
        return same and all(close(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, (int, float)) and not isinstance(found, (bool, str, list, dict, type(None))):
        return abs(found - wanted) <= {tolerance}
    return type(found) is type(wanted) and found == wanted

with open("/workspace/" + {path!r}, encoding="utf-8") as file:
    found = json.load(file)
wanted = json.loads({wanted!r})
for key in wanted:
    assert key in found, key + " is missing"
    assert close(found[key], wanted[key]), key + " is another value"
'''
TOLERANCE = 0.006


@dataclass(frozen=True, slots=True)
class _Job:
    made: Table
    question: Question
    file: str
    separator: str
    result: str
    frames: bool

    @property
    def excel(self) -> bool:
        return self.file.endswith(".xlsx")


def analysis(seed: int, packages: bool) -> CodeTask:
    """A seeded task. `packages`: whether the sandbox has pandas and openpyxl; else CSV and plain Python."""
    rng = Random(f"analysis {seed}")
    made = table(rng)
    question = rng.choice(QUESTIONS)(made, rng)
    excel = packages and rng.random() < EXCEL
    frames = packages and bool(question.frame) and rng.random() < WITH_FRAMES
    file = f"{made.theme.file}.{'xlsx' if excel else 'csv'}"
    result = rng.choice(("result.json", "answer.json", "report.json", f"{made.theme.file}_result.json"))
    job = _Job(made, question, file, rng.choice((",", ",", ";")), result, frames)
    acts = _acts(job, rng)
    turn = Turn(
        kind="opening",
        requests=(_request(job, rng),),
        steps=steps(acts),
        answer=_answers(job, f"s{len(acts)}"),
        report=_report(job, rng),
    )
    tests = _TESTS.format(path=result, wanted=json.dumps(question.value), tolerance=TOLERANCE)
    return CodeTask(
        work=CodeWork(
            kind="analysis", seed=seed, tests=HiddenTests(source=tests), files=_files(job), outputs=(result,)
        ),
        mode="computational",
        turns=(turn,),
        wrong=(TaskFile(path=result, content=json.dumps(_wrong(question.value))),),
        context=(f"The working folder holds {' and '.join(f.path for f in _files(job))}.",),
        origin=f"{question.code.count(chr(10)) + 1} lines over {file}",
    )


def _files(job: _Job) -> tuple[TaskFile, ...]:
    data = as_workbook(job.made) if job.excel else as_csv(job.made.raw, job.separator)
    files = [TaskFile.of(job.file, data)]
    if job.question.second is not None:
        name, rows = job.question.second
        files.append(TaskFile.of(name, as_csv(rows, ",")))
    return tuple(files)


def _wrong(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The result with every number a little off, as cleaning forgotten would make it."""
    return {key: item + 1 if isinstance(item, int | float) else item for key, item in value.items()}


def _request(job: _Job, rng: Random) -> Request:
    action = pick(
        rng, f"find out {job.question.asked}", f"work out {job.question.asked}", f"tell me {job.question.asked}"
    )
    where = pick(rng, f" The data is in {job.file}.", f" It is all in {job.file}.", f" Take it from {job.file}.")
    keys = "; ".join(f"{key}: {what}" for key, what in job.question.keys)
    wanted = pick(
        rng,
        f" Write the result to {job.result} as a JSON object ({keys}) and tell me the main figures.",
        f" I also need it as {job.result}, a JSON object with these keys: {keys}.",
        f" Save it as JSON in {job.result}, with the keys {keys}.",
    )
    rules = "".join(f" {rule}" for rule in job.made.rules)
    return Request(action=action, more=where + rules + wanted)


def _acts(job: _Job, rng: Random) -> list[Act]:
    compute = job.question.frame if job.frames else job.question.code
    saved = f'\nwith open("{job.result}", "w") as file:\n    json.dump(result, file, indent=1)\n'
    done = pick(rng, "Now the figures.", "Let me compute it and write it down.", "That can be computed now.", "")
    loaded = pick(rng, "Reading and cleaning it.", "I'll load it and clean it as you said.", "Loading the rows.")
    load = _load_frame(job) if job.frames else _load_excel(job) if job.excel else _load_csv(job)
    return [
        _look(job, rng),
        Act(PYTHON, load, loaded),
        Act(PYTHON, f"import json\n{_apart(compute)}{saved}print(json.dumps(result))", done),
    ]


def _apart(code: str) -> str:
    """Code after an import: another import follows at once, anything else after an empty line."""
    return f"{code}\n" if code.startswith(("import ", "from ")) else f"\n{code}\n"


def _look(job: _Job, rng: Random) -> Act:
    says = pick(rng, "Let me look at the file first.", "First a look at the data.", "I'll see what the file holds.")
    if job.excel:
        code = (
            "from openpyxl import load_workbook\n\n"
            f'sheet = load_workbook("{job.file}", read_only=True).worksheets[0]\n'
            "print(sheet.title)\nfor row in sheet.iter_rows(max_row=5, values_only=True):\n    print(row)"
        )
        return Act(PYTHON, code, says)
    other = f"; cat {job.question.second[0]}" if job.question.second else ""
    shell = pick(rng, f"head -n 5 {job.file}; wc -l < {job.file}", f"head -n 4 {job.file}", f"ls; head -n 6 {job.file}")
    return Act(SHELL, shell + other, says)


def _load_csv(job: _Job) -> str:
    separator = f', delimiter="{job.separator}"' if job.separator != "," else ""
    opened = f'with open("{job.file}", newline="") as file:\n    raw = list(csv.DictReader(file{separator}))\n'
    return f"import csv\n\n{opened}{_cleaned(job)}"


def _load_excel(job: _Job) -> str:
    opened = (
        f'sheet = load_workbook("{job.file}").worksheets[0]\nheader, *lines = sheet.iter_rows(values_only=True)\n'
        "raw = [dict(zip(header, line)) for line in lines]\n"
    )
    return f"from openpyxl import load_workbook\n\n{opened}{_cleaned(job)}"


def _cleaned(job: _Job) -> str:
    """Rows with typed values, as plain Python makes them."""
    made, theme = job.made, job.made.theme
    lines = ["rows = []"]
    lines += ["seen = set()"] if made.doubled else []
    lines += ["for row in raw:"]
    tests = [f'row["{theme.amount}"] in ("", None)'] if made.missing else []
    tests += ['row["id"] in seen'] if made.doubled else []
    lines += [f"    if {' or '.join(tests)}:", "        continue"] if tests else []
    lines += ['    seen.add(row["id"])'] if made.doubled else []
    lines += [f'    row["{theme.group}"] = row["{theme.group}"].strip().title()'] if made.untidy else []
    lines += [f'    row["{theme.amount}"] = int(row["{theme.amount}"])']
    lines += [f'    row["{theme.price}"] = float(row["{theme.price}"])', "    rows.append(row)"]
    return "\n".join([*lines, "print(len(raw), len(rows))", "print(rows[0])"])


def _load_frame(job: _Job) -> str:
    made, theme = job.made, job.made.theme
    separator = f', sep="{job.separator}"' if job.separator != "," and not job.excel else ""
    reader = "read_excel" if job.excel else "read_csv"
    lines = ["import pandas as pd", "", f'frame = pd.{reader}("{job.file}"{separator})', "print(len(frame))"]
    lines += [f'frame = frame.dropna(subset=["{theme.amount}"])'] if made.missing else []
    lines += ['frame = frame.drop_duplicates("id")'] if made.doubled else []
    lines += [f'frame["{theme.group}"] = frame["{theme.group}"].str.strip().str.title()'] if made.untidy else []
    return "\n".join([*lines, "print(len(frame))", "print(frame.head(3).to_string(index=False))"])


def _answers(job: _Job, step: str) -> tuple[AnswerFact, ...]:
    """The single figures of the result, read from what the last call printed."""
    return tuple(
        AnswerFact(label=key, binding=FromOutput(step=step, path=key), value=job.question.value[key])
        for key, _ in job.question.keys
        if not isinstance(job.question.value[key], dict)
    )


def _report(job: _Job, rng: Random) -> str:
    known = [key for key, _ in job.question.keys if not isinstance(job.question.value[key], dict)]
    facts = [f"{key} <answer {number}>" for number, key in enumerate(known)]
    lead = pick(rng, "Here are the figures", "This is what came out", "The result", "Done")
    file = pick(rng, f"It is all in {job.result}.", f"I wrote the result to {job.result}.", f"Saved in {job.result}.")
    if rng.random() < 0.5:
        return f"{lead}:\n" + "\n".join(f"- {fact}" for fact in facts) + f"\n\n{file}"
    return f"{lead}: {'; '.join(facts)}. {file}"

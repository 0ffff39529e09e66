"""What is asked of a table: the result in words, the value as we compute it, and the code that an agent would write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import mean, median, pstdev

from tdscaling.code_tasks.analysis.data import Row, Table
from tdscaling.types import JsonValue


@dataclass(frozen=True, slots=True)
class Question:
    """`asked` follows "find out"; `keys` are those of the result object with what each is; `code` makes `result` from
    `rows` (records with typed values), `frame` from a data frame of that name, "" where there is no short way."""

    asked: str
    keys: tuple[tuple[str, str], ...]
    value: dict[str, JsonValue]
    code: str
    frame: str = ""
    second: tuple[str, tuple[tuple[str | int, ...], ...]] | None = None


def _sums(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[key(row)] = found.get(key(row), 0) + row.amount
    return dict(sorted(found.items()))


def _largest(sums: dict[str, int]) -> str:
    return max(sorted(sums), key=lambda name: sums[name])


def totals(made: Table, rng: Random) -> Question:
    theme = made.theme
    by_group = rng.random() < 0.6
    column = theme.group if by_group else theme.kind
    sums = _sums(made.rows, lambda row: row.group if by_group else row.kind)
    return Question(
        f"the {theme.amount} in total and for each {column}, and which {column} has most",
        (
            ("total", f"all {theme.amount}"),
            ("largest", f"the {column} with most"),
            ("each", f"{theme.amount} by {column}"),
        ),
        {"total": sum(sums.values()), "largest": _largest(sums), "each": dict(sums)},
        f'each = {{}}\nfor row in rows:\n    name = row["{column}"]\n'
        f'    each[name] = each.get(name, 0) + row["{theme.amount}"]\n'
        'result = {"total": sum(each.values()), "largest": max(sorted(each), key=each.get), "each": each}',
        f'each = frame.groupby("{column}")["{theme.amount}"].sum()\n'
        'result = {"total": int(each.sum()), "largest": each.idxmax(), "each": {k: int(v) for k, v in each.items()}}',
    )


def months(made: Table, rng: Random) -> Question:
    theme = made.theme
    sums = _sums(made.rows, lambda row: row.day[:7])
    return Question(
        f"how the {theme.amount} are spread over the months of {theme.day}, and which month has most",
        (("months", "how many months there are"), ("best", "the month with most, as YYYY-MM"),
         ("each", f"{theme.amount} by month")),
        {"months": len(sums), "best": _largest(sums), "each": dict(sums)},
        f'each = {{}}\nfor row in rows:\n    month = row["{theme.day}"][:7]\n'
        f'    each[month] = each.get(month, 0) + row["{theme.amount}"]\n'
        'result = {"months": len(each), "best": max(sorted(each), key=each.get), "each": each}',
        f'each = frame.groupby(frame["{theme.day}"].astype(str).str[:7])["{theme.amount}"].sum()\n'
        'result = {"months": len(each), "best": each.idxmax(), "each": {k: int(v) for k, v in each.items()}}',
    )  # fmt: skip


def growth(made: Table, rng: Random) -> Question:
    theme = made.theme
    sums = _sums(made.rows, lambda row: row.day[:7])
    names = sorted(sums)
    steps = {two: sums[two] - sums[one] for one, two in pairwise(names)}
    best = _largest(steps)
    return Question(
        f"in which month of {theme.day} the {theme.amount} rose most against the month before, and by how much",
        (("month", "that month, as YYYY-MM"), ("rise", "the difference"), ("falls", "in how many months they fell")),
        {"month": best, "rise": steps[best], "falls": sum(value < 0 for value in steps.values())},
        f'each = {{}}\nfor row in rows:\n    month = row["{theme.day}"][:7]\n'
        f'    each[month] = each.get(month, 0) + row["{theme.amount}"]\nmonths = sorted(each)\n'
        "steps = {b: each[b] - each[a] for a, b in zip(months, months[1:])}\nbest = max(sorted(steps), key=steps.get)\n"
        'result = {"month": best, "rise": steps[best], "falls": sum(v < 0 for v in steps.values())}',
    )


def targets(made: Table, rng: Random) -> Question:
    theme = made.theme
    sums = _sums(made.rows, lambda row: row.group)
    goals = {name: int(total * rng.choice((0.8, 0.93, 1.07, 1.2, 1.35))) + 1 for name, total in sums.items()}
    gaps = {name: goals[name] - sums[name] for name in sums}
    worst = _largest(gaps)
    file = f"{theme.group}_targets.csv"
    return Question(
        f"which {theme.group} is furthest below its target in {file}, by how much, and how many miss theirs",
        (
            ("furthest", f"the {theme.group}"),
            ("gap", "target less what it has"),
            ("missed", "how many are below target"),
        ),
        {"furthest": worst, "gap": gaps[worst], "missed": sum(gap > 0 for gap in gaps.values())},
        "import csv\n\nhave = {}\nfor row in rows:\n"
        f'    have[row["{theme.group}"]] = have.get(row["{theme.group}"], 0) + row["{theme.amount}"]\n'
        f'with open("{file}", newline="") as file:\n'
        f'    goals = {{line["{theme.group}"]: int(line["target"]) for line in csv.DictReader(file)}}\n'
        "gaps = {name: goal - have.get(name, 0) for name, goal in goals.items()}\n"
        "furthest = max(sorted(gaps), key=gaps.get)\n"
        'result = {"furthest": furthest, "gap": gaps[furthest], "missed": sum(gap > 0 for gap in gaps.values())}',
        second=(file, ((theme.group, "target"), *((name, goals[name]) for name in sorted(goals)))),
    )


def spread(made: Table, rng: Random) -> Question:
    theme = made.theme
    values = [row.amount for row in made.rows]
    limit = mean(values) + 2 * pstdev(values)
    return Question(
        f"how the {theme.amount} of single rows are spread",
        (("median", f"the median of {theme.amount}"), ("mean", "their mean, two decimals"),
         ("outliers", "how many lie more than two population standard deviations above the mean")),
        {"median": median(values), "mean": round(mean(values), 2), "outliers": sum(v > limit for v in values)},
        f'from statistics import mean, median, pstdev\n\nvalues = [row["{theme.amount}"] for row in rows]\n'
        "limit = mean(values) + 2 * pstdev(values)\n"
        "outliers = sum(value > limit for value in values)\n"
        'result = {"median": median(values), "mean": round(mean(values), 2), "outliers": outliers}',
        f'values = frame["{theme.amount}"]\nlimit = values.mean() + 2 * values.std(ddof=0)\n'
        'result = {"median": float(values.median()), "mean": round(float(values.mean()), 2), '
        '"outliers": int((values > limit).sum())}',
    )  # fmt: skip


def pairs(made: Table, rng: Random) -> Question:
    theme = made.theme
    sums = _sums(made.rows, lambda row: f"{row.group} / {row.kind}")
    best = _largest(sums)
    share = round(100 * sums[best] / sum(sums.values()), 1)
    column = f'row["{theme.group}"] + " / " + row["{theme.kind}"]'
    return Question(
        f"which combination of {theme.group} and {theme.kind} has most {theme.amount}",
        (("pair", f'the two joined by " / ", {theme.group} first'), ("share", "its percentage of all, one decimal"),
         ("pairs", "how many combinations occur")),
        {"pair": best, "share": share, "pairs": len(sums)},
        f"each = {{}}\nfor row in rows:\n    pair = {column}\n"
        f'    each[pair] = each.get(pair, 0) + row["{theme.amount}"]\n'
        "best = max(sorted(each), key=each.get)\n"
        'result = {"pair": best, "share": round(100 * each[best] / sum(each.values()), 1), "pairs": len(each)}',
        f'each = frame.groupby(frame["{theme.group}"] + " / " + frame["{theme.kind}"])["{theme.amount}"].sum()\n'
        'result = {"pair": each.idxmax(), "share": round(float(100 * each.max() / each.sum()), 1), "pairs": len(each)}',
    )  # fmt: skip


def worth(made: Table, rng: Random) -> Question:
    theme = made.theme
    groups = sorted({row.group for row in made.rows})
    values = {name: sum(r.amount * r.price for r in made.rows if r.group == name) for name in groups}
    best = max(sorted(values), key=lambda name: values[name])
    total, units = sum(values[name] for name in groups), sum(row.amount for row in made.rows)
    return Question(
        f"what the {theme.amount} are worth ({theme.amount} times {theme.price})",
        (("worth", "the sum over all rows, two decimals"),
         ("mean", f"that divided by all {theme.amount}, two decimals"), ("best", f"the {theme.group} worth most")),
        {"worth": round(total, 2), "mean": round(total / units, 2), "best": best},
        f'worth = {{}}\nfor row in rows:\n    value = row["{theme.amount}"] * row["{theme.price}"]\n'
        f'    worth[row["{theme.group}"]] = worth.get(row["{theme.group}"], 0) + value\n'
        f'total = sum(worth.values())\nunits = sum(row["{theme.amount}"] for row in rows)\n'
        "best = max(sorted(worth), key=worth.get)\n"
        'result = {"worth": round(total, 2), "mean": round(total / units, 2), "best": best}',
        f'value = frame["{theme.amount}"] * frame["{theme.price}"]\ntotal = float(value.sum())\n'
        f'result = {{"worth": round(total, 2), "mean": round(total / float(frame["{theme.amount}"].sum()), 2), '
        f'"best": value.groupby(frame["{theme.group}"]).sum().idxmax()}}',
    )  # fmt: skip


QUESTIONS: tuple[Callable[[Table, Random], Question], ...] = (totals, months, growth, targets, spread, pairs, worth)

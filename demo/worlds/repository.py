"""The company's repository: a history by several authors with fixed dates, written in one go by git fast-import."""

import json
import os
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from worlds.company import Company, Person

Files = dict[str, str]
Edit = Callable[[Files], Files]


def make_repository(company: Company, folder: Path, seed: int) -> None:
    """Six to twelve commits, branches, tags; then staged, unstaged and untracked changes in the work tree."""
    rng = random.Random(f"repository {seed}")
    name = rng.choice([company.slug, "website", "backoffice", f"{company.theme.key}-tools"])
    place = folder / name
    place.mkdir()
    env = os.environ | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    main = rng.choice(["main", "main", "trunk"])

    def git(*args: str, text: str | None = None) -> None:
        subprocess.run(["git", "-c", "fastimport.unpackLimit=1", *args], cwd=place, env=env, input=text, text=True,
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip

    git("init", "-q", "-b", main, "--template=")
    stream, files = _history(company, rng, main)
    git("fast-import", "--quiet", text=stream)
    git("reset", "-q", "--hard", main)
    _work_tree(company, rng, place, files, git)


def _history(company: Company, rng: random.Random, main: str) -> tuple[str, Files]:
    """The fast-import stream, and the files at the tip of the main branch."""
    moment = datetime(2025, 6, 2, 9, tzinfo=UTC) + timedelta(days=rng.randrange(60))
    files = _first_files(company)
    edits = _edits(company, rng)
    count = rng.randint(5, 7)
    parts: list[str] = []
    changed, message = dict(files), f"Start of the {company.name} repository"
    for number in range(1, count + 2):
        author = rng.choice(company.staff)
        parts.append(_commit(f"refs/heads/{main}", number, author, moment, message, changed))
        if number == 1 + count // 2:
            parts.append(f"reset refs/tags/v0.{rng.randint(1, 4)}.0\nfrom :{number}\n\n")
        moment += timedelta(hours=rng.randint(5, 190))
        message, change = edits[number % len(edits)]
        changed = change(files)
        files |= changed
    for offset, branch in enumerate(rng.sample(BRANCHES, rng.randint(1, 3)), start=count + 2):
        note = {f"docs/{branch.replace('/', '-')}.md": f"# {branch}\n\nOpen questions for {company.staff[0].name}.\n"}
        start = f"from :{rng.randint(2, count)}\n"
        parts.append(
            _commit(f"refs/heads/{branch}", offset, rng.choice(company.staff), moment, f"Draft {branch}", note, start)
        )
        moment += timedelta(hours=rng.randint(2, 40))
    return "".join(parts), files


BRANCHES = (
    "feature/discounts",
    "feature/export",
    "fix/rounding",
    "docs/handbook",
    "experiment/new-prices",
    "release/next",
)


def _commit(
    ref: str, number: int, author: Person, moment: datetime, message: str, files: Files, start: str = ""
) -> str:
    who = f"{author.name} <{author.email}> {int(moment.timestamp())} +0000"
    parts = [f"commit {ref}\nmark :{number}\nauthor {who}\ncommitter {who}\n", _data(message), start]
    for path, text in sorted(files.items()):
        parts.append(f"M 100644 inline {path}\n{_data(text)}")
    return "".join(parts) + "\n"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _first_files(company: Company) -> Files:
    prices = {item.code: item.price for item in company.items[:6]}
    return {
        "README.md": f"# {company.name}\n\nInternal tools of {company.name}, {company.city}. See docs/.\n",
        "config/settings.json": json.dumps({"currency": "EUR", "timezone": company.zone, "tax_rate": 0.19}, indent=2)
        + "\n",
        "config/prices.json": json.dumps(prices, indent=2) + "\n",
        "src/pricing.py": PRICING,
        "docs/contacts.md": "".join(f"- {one.name}: {one.email}\n" for one in company.staff),
    }


PRICING = '''"""Prices and discounts."""


def total(price: float, quantity: int, tax_rate: float = 0.19) -> float:
    """The amount with tax."""
    return round(price * quantity * (1 + tax_rate), 2)


def discount(quantity: int) -> float:
    """The discount for larger orders."""
    if quantity >= 10:
        return 0.1
    return 0.0
'''


def _edits(company: Company, rng: random.Random) -> list[tuple[str, Edit]]:
    item, order = rng.choice(company.items), rng.choice(company.orders)
    newcomer = company.staff[-1]
    edits = [
        (f"Raise the price of {item.code}", lambda files: _price(files, item.code, round(item.price * 1.05, 2))),
        (
            f"Note the complaint about {order.number}",
            _adding("docs/incidents.md", f"- {order.number}: {order.status}\n"),
        ),
        ("Give a discount from five pieces", _replacing("src/pricing.py", "quantity >= 10", "quantity >= 5")),
        ("Describe the opening hours", _adding("docs/handbook.md", f"Open on weekdays, {company.zone}.\n")),
        ("Add a script for the monthly report", _adding("src/report.py", REPORT)),
        (f"{newcomer.name} takes over the stock", _adding("docs/contacts.md", f"- Stock: {newcomer.email}\n")),
        ("List what is to be done", _adding("TODO.md", f"- [ ] check stock of {item.name}\n")),
        ("Lower the tax rate for books", _replacing("config/settings.json", "0.19", "0.07")),
    ]
    rng.shuffle(edits)
    return edits


REPORT = '''"""The monthly report."""

import sys


def main(month: str) -> None:
    print(f"Report for {month}")


if __name__ == "__main__":
    main(sys.argv[1])
'''


def _price(files: Files, code: str, price: float) -> Files:
    prices = json.loads(files["config/prices.json"]) | {code: price}
    return {"config/prices.json": json.dumps(prices, indent=2) + "\n"}


def _adding(path: str, text: str) -> Edit:
    return lambda files: {path: files.get(path, "") + text}


def _replacing(path: str, old: str, new: str) -> Edit:
    return lambda files: {path: files[path].replace(old, new)}


def _work_tree(company: Company, rng: random.Random, place: Path, files: Files, git: Callable[..., None]) -> None:
    """Each of the three kinds of change is there in most worlds, in different files."""
    order, item = rng.choice(company.orders), rng.choice(company.items)
    staged = {
        "docs/incidents.md": f"- {order.number}: customer called again\n",
        "TODO.md": f"- [ ] order {item.code}\n",
    }
    for path, line in rng.sample(sorted(staged.items()), rng.randint(0, 2)):
        _write(place / path, files.get(path, "") + line)
        git("add", path)
    for path in rng.sample(["README.md", "src/pricing.py", "docs/contacts.md"], rng.randint(1, 2)):
        _write(
            place / path, files[path] + f"\n# {rng.choice(['reviewed', 'to be checked', 'draft'])} {company.today}\n"
        )
    for name in rng.sample(["notes.txt", "prices_draft.csv", "scratch.py", "docs/agenda.md"], rng.randint(1, 2)):
        _write(place / name, f"{item.code},{item.price}\n" if name.endswith("csv") else f"{order.number} {item.name}\n")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")

"""Generated tables: clean rows as the questions mean them, and the same rows as they lie in the file, with dirt."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from tdscaling.code_tasks.analysis.xlsx import workbook


@dataclass(frozen=True, slots=True)
class Theme:
    """What the columns of a table are called, and what is in them. `price` is a second amount."""

    file: str
    group: str
    groups: tuple[str, ...]
    kind: str
    kinds: tuple[str, ...]
    day: str
    amount: str
    price: str
    most: int


THEMES: tuple[Theme, ...] = (
    Theme("sales", "region", ("North", "South", "East", "West", "Centre"), "product", ("Tea", "Coffee", "Cocoa"),
          "sold_on", "units", "unit_price", 90),
    Theme("energy", "site", ("Harbour", "Depot", "Office", "Plant"), "source", ("grid", "solar", "wind"),
          "measured_on", "kwh", "tariff", 900),
    Theme("tickets", "team", ("Billing", "Network", "Devices", "Accounts"), "channel", ("mail", "phone", "chat"),
          "opened_on", "minutes", "hourly_rate", 240),
    Theme("harvest", "farm", ("Hillside", "Riverbend", "Oldfield", "Sunny Acre"), "crop", ("apples", "pears", "plums"),
          "picked_on", "kilos", "price_per_kilo", 700),
    Theme("deliveries", "depot", ("Bremen", "Graz", "Lyon", "Porto", "Turku"), "vehicle", ("van", "truck", "bike"),
          "driven_on", "parcels", "cost_per_parcel", 60),
    Theme("studio", "trainer", ("Amara", "Boris", "Celia", "Dilan"), "course", ("yoga", "boxing", "rowing"),
          "held_on", "guests", "fee", 30),
    Theme("donations", "chapter", ("Riverside", "Old Town", "Hills", "Harbour"), "campaign", ("spring", "relief"),
          "given_on", "donors", "mean_gift", 50),
    Theme("traffic", "station", ("A1", "B7", "C3", "D9"), "direction", ("inbound", "outbound"),
          "counted_on", "vehicles", "toll", 800),
)  # fmt: skip


class Row(NamedTuple):
    """A record that counts."""

    id: int
    day: str
    group: str
    kind: str
    amount: int
    price: float


@dataclass(frozen=True, slots=True)
class Table:
    """A generated table: what counts, what lies in the file (header first), and what the user must say of the dirt."""

    theme: Theme
    rows: tuple[Row, ...]
    raw: tuple[tuple[str | int | float, ...], ...]
    rules: tuple[str, ...]
    missing: bool
    untidy: bool
    doubled: bool


def table(rng: Random) -> Table:
    """A seeded table of 40 to 160 records over five to ten months."""
    theme = rng.choice(THEMES)
    months = rng.randint(5, 10)
    start = date(2025, rng.randint(1, 12), 1)
    rows = tuple(
        Row(
            1000 + number,
            (start + timedelta(days=rng.randint(0, months * 30 - 1))).isoformat(),
            rng.choice(theme.groups),
            rng.choice(theme.kinds),
            rng.randint(1, theme.most),
            rng.randint(100, 4000) / 100,
        )
        for number in range(rng.randint(40, 160))
    )
    missing, untidy, doubled = (rng.random() < 0.45 for _ in range(3))
    raw: list[tuple[str | int | float, ...]] = []
    for row in rows:
        group = _untidy(row.group, rng) if untidy and rng.random() < 0.25 else row.group
        raw.append((row.id, row.day, group, row.kind, row.amount, row.price))
        if doubled and rng.random() < 0.06:
            raw.append(raw[-1])
    if missing:
        raw += [
            (5000 + n, rows[n].day, rows[n].group, rows[n].kind, "", rows[n].price) for n in range(rng.randint(2, 6))
        ]
    rng.shuffle(raw)
    header = ("id", theme.day, theme.group, theme.kind, theme.amount, theme.price)
    return Table(theme, rows, (header, *raw), _rules(theme, missing, untidy, doubled, rng), missing, untidy, doubled)


def _untidy(name: str, rng: Random) -> str:
    return rng.choice((name.upper(), name.lower(), f" {name}", f"{name} ", f" {name.upper()} "))


def _rules(theme: Theme, missing: bool, untidy: bool, doubled: bool, rng: Random) -> tuple[str, ...]:
    rules: list[str] = []
    if missing:
        rules.append(
            rng.choice((f"Rows without {theme.amount} don't count.", f"Leave out rows where {theme.amount} is empty."))
        )
    if untidy:
        rules.append(
            rng.choice(
                (
                    f"The {theme.group} is sometimes in other case or with spaces around; write all of them like "
                    f"{' and '.join(theme.groups[:2])}.",
                    f"Some {theme.group} names have stray spaces or another case: they mean the same as "
                    f"{', '.join(theme.groups)}.",
                )
            )
        )
    if doubled:
        rules.append(rng.choice(("A row with an id that was there before counts once.", "Ids that repeat count once.")))
    return tuple(rules)


def as_csv(rows: Sequence[Sequence[str | int | float]], separator: str) -> bytes:
    """The rows as text."""
    target = io.StringIO()
    csv.writer(target, delimiter=separator, lineterminator="\n").writerows(rows)
    return target.getvalue().encode()


def as_workbook(made: Table) -> bytes:
    """The rows as a sheet named after the table."""
    return workbook(made.theme.file.title(), made.raw)

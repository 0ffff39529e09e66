"""Workbooks and a table file: which ones there are, their sheets and their columns depend on the world."""

import csv
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from worlds.company import Company
from worlds.database import TABLES

Table = list[Sequence[object]]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def make_workbooks(company: Company, folder: Path, seed: int) -> list[str]:
    """One to three workbooks of two to four sheets; returns their names."""
    rng = random.Random(f"workbooks {seed}")
    year = company.today.year
    plans: list[tuple[str, list[tuple[str, Callable[[Company, random.Random], Table]]]]] = [
        (
            f"{TABLES[company.theme.shape][2]}_{year}",
            [("List", _orders), ("By status", _statuses), ("Prices", _prices)],
        ),
        (f"payroll_{MONTHS[company.today.month - 1].lower()}", [("Staff", _payroll), ("Hours", _hours)]),
        (f"budget_{year}", [("Budget", _budget), ("Actual", _budget), ("Notes", _remarks)]),
        ("inventory", [("Stock", _stock), ("Suppliers", _suppliers), ("Reorder", _reorder), ("Prices", _prices)]),
    ]
    chosen = rng.sample(plans, rng.randint(2, 3))
    names = [f"{name}.xlsx" for name, _ in chosen]
    for file, (_, sheets) in zip(names, chosen, strict=True):
        _save(folder / file, [(title, make(company, rng)) for title, make in sheets])
    with (folder / f"{rng.choice(['contacts', 'newsletter', 'export'])}.csv").open(
        "w", newline="", encoding="utf-8"
    ) as out:
        writer = csv.writer(out)
        writer.writerow(("name", "email", "city"))
        writer.writerows((one.name, one.email, one.city) for one in company.customers)
    return names


def _save(file: Path, sheets: list[tuple[str, Table]]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "office"
    book.properties.created = book.properties.modified = datetime(2026, 1, 5, 9, 0, 0)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    book.save(file)


def _orders(company: Company, rng: random.Random) -> Table:
    rows: Table = [("Number", "Customer", "Code", "Quantity", "Day", "Status")]
    for one in company.orders[: rng.randint(15, 28)]:
        buyer, item = company.customers[one.customer], company.items[one.item]
        rows.append((one.number, buyer.name, item.code, one.quantity, one.day.isoformat(), one.status))
    return rows


def _statuses(company: Company, _: random.Random) -> Table:
    kinds = sorted({one.status for one in company.orders})
    rows: Table = [("Status", "Count")]
    rows += [(kind, sum(one.status == kind for one in company.orders)) for kind in kinds]
    return rows


def _prices(company: Company, _: random.Random) -> Table:
    rows: Table = [("Code", "Name", "Price")]
    rows += [(item.code, item.name, item.price) for item in company.items]
    return rows


def _payroll(company: Company, rng: random.Random) -> Table:
    rows: Table = [("Name", "Email", "Rate", "Hours", "Bonus")]
    rows += [
        (one.name, one.email, rng.randint(15, 40), rng.randint(60, 168), rng.choice([0, 0, 50, 120]))
        for one in company.staff
    ]
    return rows


def _hours(company: Company, rng: random.Random) -> Table:
    rows: Table = [("Name", "Week 1", "Week 2", "Week 3", "Week 4")]
    rows += [(one.name, *(rng.randint(8, 42) for _ in range(4))) for one in company.staff]
    return rows


def _budget(company: Company, rng: random.Random) -> Table:
    heads = rng.sample(["Rent", "Wages", "Marketing", "Software", "Travel", "Insurance", "Repairs", "Utilities"], 6)
    rows: Table = [("Head", *MONTHS[:6])]
    rows += [(head, *(rng.randrange(200, 9000, 50) for _ in range(6))) for head in heads]
    return rows


def _remarks(company: Company, rng: random.Random) -> Table:
    rows: Table = [("Who", "Remark")]
    rows += [(one.name, rng.choice(["checked", "please review", "approved", "too high"])) for one in company.staff[:3]]
    return rows


def _stock(company: Company, rng: random.Random) -> Table:
    rows: Table = [("Code", "Name", "Stock", "Minimum", "Shelf")]
    rows += [
        (item.code, item.name, item.stock, rng.randint(2, 12), f"{rng.choice('ABCD')}{rng.randint(1, 9)}")
        for item in company.items
    ]
    return rows


def _suppliers(company: Company, rng: random.Random) -> Table:
    rows: Table = [("Supplier", "Email", "City", "Days")]
    rows += [(one.name, one.email, one.city, rng.randint(2, 21)) for one in company.suppliers]
    return rows


def _reorder(company: Company, rng: random.Random) -> Table:
    rows: Table = [("Code", "Quantity")]
    rows += [(item.code, rng.randint(5, 30)) for item in company.items if item.stock < 10]
    return rows

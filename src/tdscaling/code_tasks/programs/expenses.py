"""Expenses by category."""


def totals_by_category(rows: list[dict[str, object]], limit: int = 100) -> dict[str, object]:
    """The sum of every category in cents, the categories above `limit`, and how many rows were skipped.

    Rows without a category or with a negative amount are skipped; categories are compared without case.

    >>> totals_by_category([{"category": "Food", "cents": 90}, {"category": "food", "cents": 20}])
    {'totals': {'food': 110}, 'above': ['food'], 'skipped': 0}
    """
    totals: dict[str, int] = {}
    skipped = 0
    for row in rows:
        category = str(row.get("category", "")).strip().lower()
        cents = row.get("cents", 0)
        if not category or not isinstance(cents, int) or cents < 0:
            skipped += 1
            continue
        totals[category] = totals.get(category, 0) + cents
    above = sorted(name for name, total in totals.items() if total > limit)
    return {"totals": totals, "above": above, "skipped": skipped}

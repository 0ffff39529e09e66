"""Bills that friends share."""


def settle(paid: dict[str, int]) -> list[list[object]]:
    """Who pays whom how many cents so that all have spent the same: `[debtor, creditor, cents]`.

    Cents that can't be shared are borne by the first by alphabet. Debtors and creditors are matched by alphabet.

    >>> settle({"ann": 900, "bob": 0, "cy": 300})
    [['bob', 'ann', 400], ['cy', 'ann', 100]]
    """
    names = sorted(paid)
    share, rest = divmod(sum(paid.values()), max(1, len(names)))
    balance = {name: paid[name] - share - (1 if place < rest else 0) for place, name in enumerate(names)}
    transfers: list[list[object]] = []
    for debtor in names:
        for creditor in names:
            cents = min(-balance[debtor], balance[creditor])
            if cents > 0:
                transfers.append([debtor, creditor, cents])
                balance[debtor] += cents
                balance[creditor] -= cents
    return transfers

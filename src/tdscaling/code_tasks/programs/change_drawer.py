"""The change drawer of a till."""


def give_change(amount: int, coins: list[int]) -> list[list[int]]:
    """Pays an amount of cents with as few coins as the largest-first rule gives: pairs of coin and count.

    Coins that are not needed are left out. Raises ValueError when something remains or the amount is negative.

    >>> give_change(87, [50, 20, 10, 5, 2, 1])
    [[50, 1], [20, 1], [10, 1], [5, 1], [2, 1]]
    >>> give_change(40, [20])
    [[20, 2]]
    """
    if amount < 0:
        raise ValueError("a negative amount")
    paid: list[list[int]] = []
    for coin in sorted(coins, reverse=True):
        count = amount // coin
        if count > 0:
            paid.append([coin, count])
            amount -= coin * count
    if amount:
        raise ValueError(f"{amount} can't be paid")
    return paid

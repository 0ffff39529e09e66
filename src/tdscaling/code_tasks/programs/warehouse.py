"""Reservations against the stock of a warehouse."""


def reserve(stock: dict[str, int], orders: list[list[object]]) -> dict[str, object]:
    """Serves orders `[item, quantity]` in turn, each whole or not at all.

    Gives what is left, and the places of the orders that could not be served. An unknown item has no stock,
    and an order of less than one piece is never served.

    >>> reserve({"bolt": 5}, [["bolt", 3], ["bolt", 3], ["nut", 1], ["bolt", 2]])
    {'left': {'bolt': 0}, 'refused': [1, 2]}
    """
    left = dict(stock)
    refused: list[int] = []
    for place, (item, quantity) in enumerate(orders):
        name = str(item)
        wanted = int(str(quantity))
        if wanted < 1 or left.get(name, 0) < wanted:
            refused.append(place)
        else:
            left[name] -= wanted
    return {"left": left, "refused": refused}

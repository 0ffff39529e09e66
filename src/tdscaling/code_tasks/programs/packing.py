"""What to take along."""


def best_value(items: list[list[int]], capacity: int) -> int:
    """The greatest value of items `[weight, value]`, each taken once or not at all, that `capacity` allows.

    >>> best_value([[3, 4], [4, 5], [2, 3]], 6)
    8
    """
    best = [0] * (capacity + 1)
    for weight, value in items:
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return best[capacity]

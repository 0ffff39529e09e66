"""Looking things up in sorted lists."""


def first_at_least(values: list[int], wanted: int) -> int:
    """The index of the first value that is at least `wanted` in an ascending list; its length if there is none.

    >>> first_at_least([10, 20, 20, 30], 20), first_at_least([10, 20], 25)
    (1, 2)
    """
    low = 0
    high = len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low

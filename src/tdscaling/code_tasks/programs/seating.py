"""Seats for groups in a theatre."""


def seat_groups(rows: list[int], groups: list[int]) -> list[int]:
    """The row of every group, in their order: the row with the fewest free seats that still takes it whole.

    Of equal rows the front one is taken; -1 where no row will do.

    >>> seat_groups([6, 4], [4, 3, 5, 3])
    [1, 0, -1, 0]
    """
    free = list(rows)
    seated: list[int] = []
    for size in groups:
        best = -1
        for row, left in enumerate(free):
            if left >= size and (best < 0 or left < free[best]):
                best = row
        if best >= 0:
            free[best] -= size
        seated.append(best)
    return seated

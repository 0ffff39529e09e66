"""Bookings of a meeting room as pairs of minutes."""


def merge_bookings(bookings: list[list[int]]) -> list[list[int]]:
    """Joins bookings that overlap or touch; the result is sorted by start.

    >>> merge_bookings([[60, 90], [0, 30], [30, 45]])
    [[0, 45], [60, 90]]
    >>> merge_bookings([[0, 100], [20, 30]])
    [[0, 100]]
    """
    merged: list[list[int]] = []
    for start, end in sorted(bookings):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged

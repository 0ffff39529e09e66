"""Smoothed series of measurements."""


def moving_average(values: list[float], window: int = 3) -> list[float]:
    """The mean of each value and those before it, `window` values at most, rounded to two decimals.

    Raises ValueError for a window below 1.

    >>> moving_average([3, 6, 9, 12])
    [3.0, 4.5, 6.0, 9.0]
    """
    if window < 1:
        raise ValueError("the window is below 1")
    means: list[float] = []
    for place in range(len(values)):
        start = max(0, place - window + 1)
        part = values[start : place + 1]
        means.append(round(sum(part) / len(part), 2))
    return means

"""Where the middle of a sample lies, and how far the rest is spread."""


def five_numbers(values: list[float]) -> list[float]:
    """Minimum, lower quartile, median, upper quartile and maximum.

    The quartiles are the medians of the lower and upper half, the middle value in neither. Raises ValueError
    for fewer than three values.

    >>> five_numbers([7, 1, 3, 9, 5])
    [1, 2.0, 5, 8.0, 9]
    """
    if len(values) < 3:
        raise ValueError("too few values")
    ordered = sorted(values)
    half = len(ordered) // 2
    upper = ordered[half + 1 :] if len(ordered) % 2 == 1 else ordered[half:]
    return [ordered[0], _middle(ordered[:half]), _middle(ordered), _middle(upper), ordered[-1]]


def _middle(ordered: list[float]) -> float:
    half = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2

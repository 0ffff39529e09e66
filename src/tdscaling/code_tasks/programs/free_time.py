"""Free time between appointments."""


def free_slots(busy: list[list[int]], opens: int, closes: int, shortest: int = 30) -> list[list[int]]:
    """The gaps of at least `shortest` minutes between appointments, from opening to closing time.

    >>> free_slots([[540, 600], [660, 700]], 480, 720)
    [[480, 540], [600, 660]]
    """
    slots: list[list[int]] = []
    begins = opens
    for start, end in sorted(busy):
        if min(start, closes) - begins >= shortest:
            slots.append([begins, min(start, closes)])
        begins = max(begins, end)
    if closes - begins >= shortest:
        slots.append([begins, closes])
    return slots

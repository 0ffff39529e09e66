"""How far apart two words are."""


def edit_distance(one: str, two: str, swap_cost: int = 1) -> int:
    """The least number of letters to insert, delete or replace; replacing costs `swap_cost`.

    >>> edit_distance("kitten", "sitting"), edit_distance("ab", "ba"), edit_distance("a", "b", 2)
    (3, 2, 2)
    """
    previous = list(range(len(two) + 1))
    for row, left in enumerate(one, start=1):
        current = [row]
        for column, right in enumerate(two, start=1):
            swap = previous[column - 1] + (0 if left == right else swap_cost)
            current.append(min(previous[column] + 1, current[column - 1] + 1, swap))
        previous = current
    return previous[-1]

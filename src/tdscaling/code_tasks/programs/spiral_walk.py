"""Walking a grid."""


def spiral(grid: list[list[int]]) -> list[int]:
    """The cells of a rectangular grid from the top left corner clockwise inwards.

    >>> spiral([[1, 2, 3], [4, 5, 6]])
    [1, 2, 3, 6, 5, 4]
    """
    cells: list[int] = []
    top, bottom = 0, len(grid) - 1
    left, right = 0, len(grid[0]) - 1 if grid else -1
    while top <= bottom and left <= right:
        cells.extend(grid[top][column] for column in range(left, right + 1))
        cells.extend(grid[row][right] for row in range(top + 1, bottom + 1))
        if top < bottom:
            cells.extend(grid[bottom][column] for column in range(right - 1, left - 1, -1))
        if left < right:
            cells.extend(grid[row][left] for row in range(bottom - 1, top, -1))
        top, bottom = top + 1, bottom - 1
        left, right = left + 1, right - 1
    return cells

"""Scores of a bowling game."""


def game_score(rolls: list[int]) -> int:
    """The score of a finished game of ten frames: a strike counts the next two rolls, a spare the next one.

    >>> game_score([10] * 12), game_score([9, 1] * 10 + [9]), game_score([3, 4] * 10)
    (300, 190, 70)
    """
    score = 0
    place = 0
    for _ in range(10):
        if rolls[place] == 10:
            score += 10 + sum(rolls[place + 1 : place + 3])
            place += 1
        elif rolls[place] + rolls[place + 1] == 10:
            score += 10 + rolls[place + 2]
            place += 2
        else:
            score += rolls[place] + rolls[place + 1]
            place += 2
    return score

"""Elections in which voters rank the candidates."""


def runoff_winner(ballots: list[list[str]]) -> str:
    """The winner by instant runoff: while nobody has more than half, the weakest candidate is struck out.

    Of equally weak ones the last by alphabet goes. "" without any ballot.

    >>> runoff_winner([["a", "b"], ["b"], ["c", "b"], ["a"], ["c", "b"], ["b"], ["b"]])
    'b'
    """
    standing = {name for ballot in ballots for name in ballot}
    while standing:
        counts = dict.fromkeys(sorted(standing), 0)
        for ballot in ballots:
            choice = next((name for name in ballot if name in standing), None)
            if choice is not None:
                counts[choice] += 1
        leader = max(counts, key=lambda name: counts[name])
        if counts[leader] * 2 > sum(counts.values()) or len(standing) == 1:
            return leader
        fewest = min(counts.values())
        standing.remove(max(name for name, count in counts.items() if count == fewest))
    return ""

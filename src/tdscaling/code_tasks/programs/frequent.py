"""The words that a text uses most."""


def top_words(text: str, count: int = 3, shortest: int = 3) -> list[list[object]]:
    """The most frequent words of at least `shortest` letters with their counts; equal counts by alphabet.

    >>> top_words("red blue red, green BLUE red", 2)
    [['red', 3], ['blue', 2]]
    """
    counts: dict[str, int] = {}
    for raw in text.lower().split():
        word = raw.strip(".,;:!?")
        if len(word) >= shortest:
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return [[word, counts[word]] for word in ranked[:count]]

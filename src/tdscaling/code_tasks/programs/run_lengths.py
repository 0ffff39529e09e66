"""Run-length coding."""


def encode_runs(text: str, shortest: int = 3) -> str:
    """Writes runs of at least `shortest` equal characters as the count and the character.

    >>> encode_runs("aaabccccd")
    '3ab4cd'
    >>> encode_runs("aabb", 2)
    '2a2b'
    """
    coded = ""
    place = 0
    while place < len(text):
        end = place
        while end < len(text) and text[end] == text[place]:
            end += 1
        length = end - place
        if length >= shortest:
            coded += str(length) + text[place]
        else:
            coded += text[place:end]
        place = end
    return coded

"""Plain text in lines of a given width."""


def wrap_words(text: str, width: int = 40) -> list[str]:
    """Breaks a text between words into lines of at most `width` characters.

    A word that is longer than a line gets a line of its own.

    >>> wrap_words("the quick brown fox jumps", 10)
    ['the quick', 'brown fox', 'jumps']
    """
    lines: list[str] = []
    current = ""
    for word in text.split():
        if not current:
            current = word
        elif len(current) + 1 + len(word) <= width:
            current = current + " " + word
        else:
            lines.append(current)
            current = word
    if current:
        lines.append(current)
    return lines

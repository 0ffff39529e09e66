"""Names of pages from their titles."""


def slugify(title: str, limit: int = 30) -> str:
    """Lower-case words joined by dashes, cut after the last word that fits `limit` characters.

    Anything but letters and digits separates words. A first word that is too long is cut.

    >>> slugify("Hello, World! Again")
    'hello-world-again'
    >>> slugify("one two three", 8)
    'one-two'
    """
    words: list[str] = []
    current = ""
    for sign in title.lower() + " ":
        if sign.isalnum():
            current += sign
        elif current:
            words.append(current)
            current = ""
    slug = ""
    for word in words:
        longer = slug + "-" + word if slug else word[:limit]
        if len(longer) > limit:
            break
        slug = longer
    return slug

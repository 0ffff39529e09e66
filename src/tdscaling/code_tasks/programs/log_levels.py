"""What a log file says in numbers."""

LEVELS = ["debug", "info", "warning", "error"]


def summarise_log(lines: list[str], least: str = "warning") -> dict[str, object]:
    """Counts of lines "LEVEL source: text" at or above a level, by source, and the first and last such text.

    Lines of another form are ignored.

    >>> summarise_log(["INFO web: up", "ERROR db: down", "WARNING web: slow"])
    {'counts': {'db': 1, 'web': 1}, 'first': 'down', 'last': 'slow'}
    """
    counts: dict[str, int] = {}
    texts: list[str] = []
    for line in lines:
        head, colon, text = line.partition(": ")
        parts = head.split()
        if not colon or len(parts) != 2 or parts[0].lower() not in LEVELS:
            continue
        if LEVELS.index(parts[0].lower()) >= LEVELS.index(least):
            counts[parts[1]] = counts.get(parts[1], 0) + 1
            texts.append(text)
    first = texts[0] if texts else ""
    last = texts[-1] if texts else ""
    return {"counts": dict(sorted(counts.items())), "first": first, "last": last}

"""A store of what was used last."""


def cache_hits(requests: list[str], capacity: int = 3) -> list[bool]:
    """Which requests find their page in a cache that drops the page used longest ago.

    >>> cache_hits(["a", "b", "a", "c", "b"], 2)
    [False, False, True, False, False]
    """
    kept: list[str] = []
    hits: list[bool] = []
    for page in requests:
        hit = page in kept
        hits.append(hit)
        if hit:
            kept.remove(page)
        elif len(kept) >= capacity:
            kept.pop(0)
        kept.append(page)
    return hits

"""Lists shown page by page."""


def page_of(items: list[str], page: int, size: int = 10) -> dict[str, object]:
    """One page of a list, counted from 1, with the number of pages and whether there is a next one.

    A page past the end is empty. Raises ValueError for a page or size below 1.

    >>> page_of(["a", "b", "c"], 2, 2)
    {'items': ['c'], 'page': 2, 'pages': 2, 'more': False}
    """
    if page < 1 or size < 1:
        raise ValueError("pages and sizes start at 1")
    pages = (len(items) + size - 1) // size
    start = (page - 1) * size
    return {"items": items[start : start + size], "page": page, "pages": pages, "more": page < pages}

"""What stands around the records of an answer: counters, pages, a word of success."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.environments.simulated.checks import fits
from tdscaling.environments.simulated.makers import maker
from tdscaling.environments.simulated.schemas import properties_of, required_of
from tdscaling.environments.simulated.store import Record
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue

MISSING = object()


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that is shown."""

    records: Sequence[Record]
    total: int
    offset: int
    limit: int
    """How many a page holds; 0 where the tool has no pages."""
    paged: str = ""
    """How the tool pages: by "cursor", "page" or "offset"."""

    @property
    def more(self) -> bool:
        return self.offset + len(self.records) < self.total

    @property
    def next(self) -> JsonValue:
        """What the next call has to give; None on the last page."""
        if not self.more:
            return None
        following = self.offset + len(self.records)
        return f"c{following}" if self.paged == "cursor" else following


def built(schema: JsonObject, path: tuple[str, ...], payload: object, page: Page | None, shown: int) -> JsonValue:
    """The envelope with the payload at its place: counters as they are, whatever else is required made up, always
    the same."""
    if not path and payload is not MISSING:
        return payload  # type: ignore[return-value]
    if schema.get("type") == "array":
        return []
    properties = properties_of(schema)
    needed = required_of(schema)
    found: dict[str, JsonValue] = {}
    for name, inner in properties.items():
        if path and name == path[0]:
            found[name] = built(inner, path[1:], payload, page, shown)
            continue
        value = _envelope(name, inner, page, shown)
        if value is MISSING and name in needed:
            made = maker(name, inner)
            value = None if inner.get("nullable") is True or made is None else made(Random(name))
        if value is not MISSING:
            found[name] = value  # type: ignore[assignment]
    return found


_TOTALS = frozenset(("total", "total count", "total item", "item count", "total result", "total size", "total element",
                     "total record", "number of element", "total number"))  # fmt: skip
_SHOWN = frozenset(("count", "size", "result count", "num result", "returned"))
_FAILURES = frozenset(("error", "error message", "exception", "warning"))
_YES = frozenset(("success", "successful", "successfull", "ok", "acknowledged"))


def _envelope(name: str, schema: JsonObject, page: Page | None, shown: int) -> object:
    """A field around the records, by its name: counters, pages, success; MISSING for others."""
    said = " ".join(words(name))
    value: object = MISSING
    if said in _YES and schema.get("type") == "boolean":
        value = True
    elif said in _FAILURES:
        nothing: dict[object, JsonValue] = {"string": "", "array": [], "object": {}}
        value = None if schema.get("nullable") is True else nothing.get(schema.get("type"), MISSING)
    elif page is not None:
        value = _paging(said, page, shown)
        if said in ("pagination", "paging", "meta", "page info", "page", "metadata") and properties_of(schema):
            inner = {key: _envelope(key, spec, page, shown) for key, spec in properties_of(schema).items()}
            value = {key: item for key, item in inner.items() if item is not MISSING}
    return value if value is not MISSING and fits(value, schema) else MISSING


def _paging(said: str, page: Page, shown: int) -> object:
    if said in _TOTALS:
        return page.total
    if said in _SHOWN:
        return shown
    if said in ("has more", "has next", "has next page", "more", "next page available"):
        return page.more
    if said in ("has previous", "has previous page"):
        return page.offset > 0
    limit = page.limit or max(1, page.total)
    numbers = {
        "limit": limit, "page size": limit, "per page": limit, "offset": page.offset, "skip": page.offset,
        "page": page.offset // limit + 1, "page number": page.offset // limit + 1, "current page": page.offset //
        limit + 1,
        "page count": -(-page.total // limit), "total page": -(-page.total // limit), "start": page.offset,
        "pages": -(-page.total // limit),
    }  # fmt: skip
    if said in numbers:
        return numbers[said]
    if page.paged == "cursor" and said in (
        "next cursor",
        "cursor",
        "next page token",
        "next token",
        "end cursor",
        "next",
    ):
        return page.next if page.more else MISSING
    return MISSING

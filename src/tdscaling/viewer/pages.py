"""The pages over a run. Each reads the run anew, so that one under way can be looked at.

Texts of a run are not trusted: they are put in as text, and the policy that goes with each page (`serving`) lets no
script run and nothing be loaded but the style.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from tdscaling import __version__
from tdscaling.errors import TDScalingError
from tdscaling.store import Outcome, Wanted, browse_run, encode
from tdscaling.types import BANDS, JsonValue
from tdscaling.values.texts import cut

PAGE = 50
"""Outcomes of one page of the list."""
LETTERS = 20_000
"""Letters of one text that are shown at most; the JSON has all."""
LAST_PAGE = 10**9


class NotThereError(TDScalingError):
    """An address that names nothing of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of a page asks for: which outcomes, and the page of their list, from 1."""

    wanted: Wanted
    page: int = 1

    @property
    def query(self) -> str:
        """The part of an address that asks for the same outcomes, with its `?`; "" where that is all."""
        given = {name: value for name, value in asdict(self.wanted).items() if value}
        return f"?{urlencode(given)}" if given else ""

    def but(self, **other: str) -> str:
        """The same with other filters, on the first page."""
        return Asked(wanted=Wanted(**{**asdict(self.wanted), **other})).query

    def at(self, page: int) -> str:
        """The same on another page of the list."""
        return f"{self.query}{'&' if self.query else '?'}page={page}"


def asked(query: Mapping[str, str]) -> Asked:
    """Reads the query of an address; what it does not know is left out.

    >>> asked({"fate": "kept", "page": "3", "x": "y"}).at(4)
    '?fate=kept&page=4'
    >>> asked({"page": "none"}).page
    1
    """
    names = asdict(Wanted())
    page = query.get("page", "")
    wanted = Wanted(**{name: value.strip() for name, value in query.items() if name in names})
    return Asked(wanted=wanted, page=min(int(page), LAST_PAGE) if page.isascii() and page.isdecimal() else 1)


def listing(folder: Path, query: Mapping[str, str]) -> str:
    """The page with the funnel and the outcomes that are asked for. Raises StoreError."""
    given = asked(query)
    with browse_run(folder) as run:
        fates = run.fates(Wanted(**{**asdict(given.wanted), "fate": ""}))
        total = fates.get(given.wanted.fate, 0) if given.wanted.fate else sum(fates.values())
        pages = max(1, ceil(total / PAGE))
        page = min(max(given.page, 1), pages)
        return _rendered(
            "listing",
            name=folder.resolve().name,
            asked=given,
            funnel=run.funnel(),
            fates=fates,
            choices=run.choices(),
            total=total,
            page=page,
            pages=pages,
            first=(page - 1) * PAGE,
            rows=run.listed(given.wanted, (page - 1) * PAGE, PAGE),
        )


def showing(folder: Path, item: str, query: Mapping[str, str]) -> str:
    """The page of one item. Raises StoreError, and NotThereError where no such item has ended."""
    given = asked(query)
    with browse_run(folder) as run:
        outcome = _outcome(run.outcome(item), item)
        before, after = run.neighbours(outcome.item, given.wanted)
        return _rendered(
            "showing",
            name=folder.resolve().name,
            asked=given,
            one=outcome,
            before=before,
            after=after,
            spent=run.usage_totals(item),
            plan=None if outcome.blueprint is None else _plain(outcome.blueprint),
        )


def whole(folder: Path, item: str) -> str:
    """All of one item as JSON. Raises what `showing` does."""
    with browse_run(folder) as run:
        outcome = _outcome(run.outcome(item), item)
    found: dict[str, JsonValue] = {
        "item": item,
        "fate": outcome.fate,
        "target": _plain(outcome.item.target),
        "trajectory": outcome.trajectory and _plain(outcome.trajectory),
        "rejection": outcome.rejection and _plain(outcome.rejection),
        "blueprint": outcome.blueprint and _plain(outcome.blueprint),
        "near_misses": [_plain(miss) for miss in outcome.misses],
        "usage": [_plain(one) for one in outcome.usage],
        "faults": [_plain(one) for one in outcome.faults],
        "timings": dict(outcome.timings),
    }
    return json.dumps(found, indent=1)


def wrong(said: str) -> str:
    """The page that says what is wrong."""
    return _rendered("wrong", said=said)


def _outcome(found: Outcome | None, item: str) -> Outcome:
    if found is None:
        raise NotThereError(f"no item {item} has ended in this run")
    return found


def _plain(value: object) -> JsonValue:
    return json.loads(encode(value))


def _pretty(value: object) -> str:
    return cut(json.dumps(value, indent=1, ensure_ascii=False, default=str), LETTERS)


def _rendered(template: str, **values: object) -> str:
    given = {"version": __version__, "bands": BANDS, "cut": partial(cut, most=LETTERS), "pretty": _pretty, **values}
    return _ENVIRONMENT.get_template(f"{template}.html.j2").render(given)


_ENVIRONMENT = Environment(
    loader=PackageLoader("tdscaling.viewer"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,
)

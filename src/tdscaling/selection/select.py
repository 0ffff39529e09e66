"""`select`: a data set and a budget in, its most diverse part out, beside a random part of the same budget."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tdscaling.errors import ConfigError, DataError
from tdscaling.export import BadRow, Exporter, Record, Written, exporter, shapes, write_dataset
from tdscaling.selection.contamination import Held
from tdscaling.selection.features import STRATA, Gathered
from tdscaling.selection.figures import Figures, Requests, figures
from tdscaling.selection.greedy import Choice, choose
from tdscaling.selection.objective import Columns
from tdscaling.selection.pool import Candidate, candidates
from tdscaling.selection.tokens import Counter, approximate, text_of
from tdscaling.store import is_run
from tdscaling.types import Descriptor


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a selection must keep to.

    `must` and `never` are ids of rows; `held` are runs of words that no chosen row may share; `stratify` names one of
    STRATA, each of whose values gets an equal share of the budget first; what they leave goes to all.
    """

    budget: int
    seed: int = 0
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    held: Held = field(default_factory=lambda: Held(()))
    stratify: str | None = None
    count: Counter = approximate


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was chosen of `pool` dialogues and what it is worth.

    `random` are the figures of a seeded random part of the same budget. `contaminated` and `excluded` count the rows
    that were kept out, `refused` are those that the format can't hold, `bad` those that could not be read; none of them
    is in the pool.
    """

    written: Written
    choice: Choice
    pool: int
    chosen: Figures
    random: Figures
    contaminated: int
    excluded: int
    refused: tuple[BadRow, ...]
    bad: tuple[BadRow, ...]


@dataclass(slots=True)
class _Pool:
    """The rows that may be chosen, by item: row number and descriptor. `lost`: why ids that must be in can't be."""

    gathered: Gathered
    rows: list[int] = field(default_factory=list[int])
    where: list[Descriptor] = field(default_factory=list[Descriptor])
    must: list[int] = field(default_factory=list[int])
    named: set[str] = field(default_factory=set[str])
    lost: dict[str, str] = field(default_factory=dict[str, str])
    refused: list[BadRow] = field(default_factory=list[BadRow])
    bad: list[BadRow] = field(default_factory=list[BadRow])
    contaminated: int = 0
    excluded: int = 0


def select(
    source: Path, output: Path, format_name: str, rules: Rules, on_row: Callable[[], None] | None = None
) -> Selection:
    """Writes the chosen rows of `source` to `output`, in their order there; `on_row` is called for each row read.

    Reads the source twice and never holds it: memory grows by some hundred bytes a row. Raises ConfigError for ids
    that are not there, that must be in and can't be, or that cost more than the budget; DataError when nothing can be
    chosen.
    """
    form = exporter(format_name)
    pool = _Pool(Gathered(rules.seed))
    for found in candidates(source, described=True):
        _gather(pool, found, rules, form)
        if on_row is not None:
            on_row()
    columns = pool.gathered.columns()
    _refuse(source, pool, columns, rules, format_name)
    choice = _chosen(columns, pool, rules)
    drawn = _drawn(columns, rules)
    wanted = {pool.rows[item] for item in choice.items}
    parts = (Requests(wanted, rules.seed), Requests({pool.rows[item] for item in drawn}, rules.seed))
    written = write_dataset(_records(source, wanted, parts), form, output)
    return Selection(
        written=written,
        choice=choice,
        pool=columns.n,
        chosen=figures(columns, choice.items, pool.where, parts[0].vendi()),
        random=figures(columns, drawn, pool.where, parts[1].vendi()),
        contaminated=pool.contaminated,
        excluded=pool.excluded,
        refused=tuple(pool.refused),
        bad=tuple(pool.bad),
    )


def _gather(pool: _Pool, found: Candidate | BadRow, rules: Rules, form: Exporter) -> None:
    if isinstance(found, BadRow):
        pool.bad.append(found)
        return
    record = found.record
    pool.named.add(record.id)
    if record.id in rules.never:
        pool.excluded += 1
        why = "it must not be in either"
    elif rules.held.overlaps(record.dialogue):
        pool.contaminated += 1
        why = "it shares a run of words with what is excluded"
    elif refusal := _refusal(record, form):
        pool.refused.append(BadRow(number=found.row, reason=refusal, id=record.id, place=found.place))
        why = f"the format can't hold it: {refusal}"
    else:
        _add(pool, found, rules)
        return
    if record.id in rules.must:
        pool.lost.setdefault(record.id, f"row {found.row}, {why}")


def _add(pool: _Pool, found: Candidate, rules: Rules) -> None:
    record = found.record
    if found.where is not None:
        if record.id in rules.must:
            pool.must.append(len(pool.rows))
        pool.rows.append(found.row)
        pool.where.append(found.where)
        pool.gathered.add(record.dialogue, found.where, rules.count(text_of(record.dialogue)))


def _refusal(record: Record, form: Exporter) -> str:
    """Why the format can't hold a record; "" where it can."""
    try:
        shapes.dumps(form.record(record))
    except DataError as exc:
        return str(exc)
    return ""


def _refuse(source: Path, pool: _Pool, columns: Columns, rules: Rules, format_name: str) -> None:
    """Raises for what no selection can be made from."""
    if pool.lost:
        name, why = min(pool.lost.items())
        raise ConfigError(f"{len(pool.lost)} ids that must be in can't be, the first: {name}: {why}")
    if not columns.n:
        kept_out = f", {pool.excluded} are excluded, {pool.contaminated} overlap" if pool.rows or pool.named else ""
        if pool.refused:
            first = pool.refused[0].said(of_run=is_run(source))
            kept_out += f", {len(pool.refused)} can't be held by {format_name}, the first: {first}"
        bad = f"; the first bad row: {pool.bad[0].said().removeprefix('row ')}" if pool.bad else ""
        raise DataError(f"{source} has no dialogue to choose{kept_out}{bad}")
    missing = sorted((rules.must | rules.never) - pool.named)
    if missing:
        raise ConfigError(f"{len(missing)} ids are not in {source}, the first: {missing[0]}")
    cost = int(columns.tokens[pool.must].sum()) if pool.must else 0
    if cost > rules.budget:
        raise ConfigError(
            f"the dialogues that must be in cost {cost} tokens: raise --budget-tokens or shorten the list"
        )
    least = int(columns.tokens.min())
    if least > rules.budget:
        raise DataError(f"the shortest of {columns.n} dialogues has {least} tokens: raise --budget-tokens")


def _chosen(columns: Columns, pool: _Pool, rules: Rules) -> Choice:
    if rules.stratify is None:
        return choose(columns, rules.budget, pool.must)
    read = STRATA[rules.stratify]
    strata: dict[str, list[int]] = {}
    for item, where in enumerate(pool.where):
        strata.setdefault(read(where), []).append(item)
    given, must = list(pool.must), set(pool.must)
    share = (rules.budget - int(columns.tokens[given].sum())) // len(strata)
    for _, members in sorted(strata.items()):
        places = [place for place, item in enumerate(members) if item in must]
        part = columns.taken(members)
        best = choose(part, share + int(part.tokens[places].sum()), places)
        given.extend(members[place] for place in best.items[len(places) :])
    whole = choose(columns, rules.budget, given)
    return replace(whole, bound=choose(columns, rules.budget, pool.must).bound)


def _drawn(columns: Columns, rules: Rules) -> Sequence[int]:
    """A random part of the same budget: items in a random order, those taken that can still be paid."""
    drawn: list[int] = []
    left = rules.budget
    for item in np.random.default_rng(rules.seed).permutation(columns.n).tolist():
        cost = int(columns.tokens[item])
        if cost <= left:
            drawn.append(item)
            left -= cost
    return drawn


def _records(source: Path, wanted: Collection[int], parts: tuple[Requests, Requests]) -> Iterator[Record]:
    for found in candidates(source, described=False):
        if isinstance(found, BadRow):
            continue
        for part in parts:
            part.add(found.row, found.record.dialogue)
        if found.row in wanted:
            yield found.record

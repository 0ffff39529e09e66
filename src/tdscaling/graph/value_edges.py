"""Value edges within one server: every input that names a thing, and the best outputs that may fill it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tdscaling.graph.bitsets import Floats
from tdscaling.graph.columns import Ints, columns
from tdscaling.graph.embeddings import Embedder, embeddings
from tdscaling.graph.needs import Needs
from tdscaling.graph.offers import Index, Offer, Want, keys, wants
from tdscaling.graph.scoring import evidence, model, probabilities
from tdscaling.graph.shown import Shown
from tdscaling.graph.signals import Signals
from tdscaling.graph.starts import closest
from tdscaling.graph.synonyms import synonyms
from tdscaling.semantics.views import ToolView
from tdscaling.types import Edge, FieldRef

KEPT = 6
"""Producers kept for one input."""
FLOOR = 0.1
"""Candidates below this probability are not edges."""
_ALIKE = 0.7
"""Offers of one producer whose log-odds differ by at most this are told apart by their fields, not by the score."""
_AT_ONCE = 60_000
"""About so many pairs are looked at together."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidate pairs of one server: numbers of offers and wants, and their signals, one row a pair. Those of one want
    stand together; `starts` are their first rows. `producer` numbers the tools of the offers, `shown` knows which
    values are the way to a thing that nothing lists.
    """

    offers: Sequence[Offer]
    wants: Sequence[Want]
    offer: Ints
    want: Ints
    starts: npt.NDArray[np.int64]
    values: Floats
    producer: Ints
    shown: Shown


def candidates(
    views: Sequence[ToolView], near: Mapping[str, Mapping[str, float]], embed: Embedder = embeddings
) -> Iterator[Pairs]:
    """For every wanted input its candidates, some ten thousand pairs at a time.

    `near`: for a wanted head noun, other head nouns and their similarity.
    """
    wanted = wants(views)
    looked = [_keys(want, views, near) for want in wanted]
    index = Index(views, frozenset(key for found in looked for key in found))
    if not index.offers:
        return
    table = columns(views, index.offers, wanted, embed)
    server = _Server(
        index.offers, wanted, Signals(table, Needs(views, wanted)), table.out.tool, Shown(views, index.offers, wanted)
    )
    offer: list[npt.NDArray[np.int32]] = []
    want: list[int] = []
    synonym: list[npt.NDArray[np.float32]] = []
    count = 0
    known: dict[tuple[tuple[str, float], ...], tuple[Ints, Floats]] = {}
    for number, found in enumerate(looked):
        places = tuple(found.items())
        if places not in known:
            known[places] = _under(index, places)
        numbers, similar = known[places]
        others = table.out.tool[numbers] != wanted[number].tool
        numbers, similar = numbers[others], similar[others]
        if not len(numbers):
            continue
        offer.append(numbers)
        synonym.append(similar)
        want.append(number)
        count += len(numbers)
        if count >= _AT_ONCE:
            yield _pairs(server, offer, want, synonym)
            offer, want, synonym, count = [], [], [], 0
    if count:
        yield _pairs(server, offer, want, synonym)


def _keys(want: Want, views: Sequence[ToolView], near: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Where to look for offers, with the similarity of what is found there under another noun."""
    found = dict.fromkeys(keys(want, views), 0.0)
    for key in list(found):
        if key[0] == "h":
            for other, similarity in near.get(key[1:], {}).items():
                found.setdefault("h" + other, similarity)
    return found


def _under(index: Index, places: Sequence[tuple[str, float]]) -> tuple[Ints, Floats]:
    found: dict[int, float] = {}
    for key, similarity in places:
        for number in index.under(key):
            found.setdefault(number, similarity)
    return np.array(list(found), dtype=np.int32), np.array(list(found.values()), dtype=np.float32)


class _Server(NamedTuple):
    """What the pairs of one server are made of."""

    offers: Sequence[Offer]
    wants: Sequence[Want]
    signals: Signals
    producer: Ints
    shown: Shown


def _pairs(server: _Server, offer: list[Ints], want: list[int], synonym: list[Floats]) -> Pairs:
    lengths = np.array([len(part) for part in offer], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    left, right = np.concatenate(offer), np.repeat(np.array(want, dtype=np.int32), lengths)
    values = server.signals.of(left, right, np.concatenate(synonym), starts)
    return Pairs(server.offers, server.wants, left, right, starts, values, server.producer[left], server.shown)


def value_edges(
    groups: Iterable[Sequence[ToolView]], embed: Embedder = embeddings
) -> Iterator[tuple[Sequence[ToolView], list[Edge]]]:
    """The views of each server with the best edges into every input of its tools, each from another tool.

    Small servers are scored together, so they come out some time after they went in.
    """
    waiting: list[_Waiting] = []
    read: list[tuple[Sequence[ToolView], list[Edge]]] = []
    count = 0
    for views in groups:
        edges: list[Edge] = []
        for pairs in candidates(views, synonyms(views, embed), embed):
            waiting.append(_Waiting(pairs, views, edges))
            count += len(pairs.offer)
            if count >= _AT_ONCE:
                _score(waiting)
                yield from read
                waiting, read, count = [], [], 0
        read.append((views, edges))
    _score(waiting)
    yield from read


class _Waiting(NamedTuple):
    """Pairs to be scored, and where their edges go."""

    pairs: Pairs
    views: Sequence[ToolView]
    edges: list[Edge]


def _score(waiting: Sequence[_Waiting]) -> None:
    if not waiting:
        return
    scores = probabilities(model().logits(np.concatenate([one.pairs.values for one in waiting])))
    ends = np.cumsum([len(one.pairs.offer) for one in waiting])
    for (pairs, views, edges), fitted in zip(waiting, np.split(scores, ends[:-1]), strict=True):
        score = pairs.shown.raised(fitted, pairs.values, pairs.offer, pairs.want, pairs.starts)
        best = _best(pairs, score, views)
        starts = _starts(pairs, best, score)
        values = score[best.rows[best.begins]].tolist()
        edges.extend(_edge(pairs, row, value, views) for row, value in zip(starts, values, strict=True))


class _Best(NamedTuple):
    """The rows above the FLOOR: those of one want and producer stand together, the best first. `begins` and `ends` are
    of the KEPT best producers of each want, in the order of wants and falling score."""

    rows: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


def _best(pairs: Pairs, score: Floats, views: Sequence[ToolView]) -> _Best:
    rows = np.flatnonzero(score >= FLOOR)
    codes = pairs.want[rows].astype(np.int64) * len(views) + pairs.producer[rows]
    order = np.lexsort((pairs.offer[rows], -score[rows], codes))
    rows, codes = rows[order], codes[order]
    begins = _changes(codes)
    ends = np.append(begins[1:], len(rows))
    heads = rows[begins]
    order = np.lexsort((pairs.offer[heads], pairs.producer[heads], -score[heads], pairs.want[heads]))
    firsts = _changes(pairs.want[heads[order]])
    rank = np.arange(len(order)) - np.repeat(firsts, np.diff(np.append(firsts, len(order))))
    kept = order[rank < KEPT]
    return _Best(rows, begins[kept], ends[kept])


def _changes(values: npt.NDArray[np.signedinteger]) -> npt.NDArray[np.int64]:
    """Where a row differs from the one before it; the first does."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.append(True, values[1:] != values[:-1]))


def _starts(pairs: Pairs, best: _Best, score: Floats) -> list[int]:
    """For each kept producer the row of its offer that the edge starts at: of those that score alike the one whose
    field says best what is wanted, a published one where there is any.
    """
    odds = np.log(np.maximum(score, 1e-6)) - np.log(np.maximum(1 - score, 1e-6))
    found: list[int] = []
    for begin, end in zip(best.begins.tolist(), best.ends.tolist(), strict=True):
        row, *others = best.rows[begin:end].tolist()
        alike = [row, *(one for one in others if odds[one] >= odds[row] - _ALIKE)]
        published = [one for one in alike if pairs.offers[int(pairs.offer[one])].source == "schema"] or alike
        fields = [pairs.offers[int(pairs.offer[one])].field for one in published]
        found.append(published[closest(fields, pairs.wants[int(pairs.want[row])].field)] if len(alike) > 1 else row)
    return found


def _edge(pairs: Pairs, row: int, score: float, views: Sequence[ToolView]) -> Edge:
    offer, want = pairs.offers[int(pairs.offer[row])], pairs.wants[int(pairs.want[row])]
    producer, consumer = views[offer.tool].key, views[want.tool].key
    return Edge(
        producer=FieldRef(producer.server, producer.name, offer.field.path),
        consumer=FieldRef(consumer.server, consumer.name, want.field.path),
        kind="value",
        score=round(score, 4),
        evidence=evidence(pairs.values[row].tolist()),
    )

"""Value edges within one server: every input that names a thing, and the best outputs that may fill it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tdscaling.graph.embeddings import embeddings
from tdscaling.graph.offers import Index, Offer, Want, heads, wants
from tdscaling.graph.scoring import evidence, probability, weights
from tdscaling.graph.signals import compare, signals
from tdscaling.semantics.views import ToolView
from tdscaling.types import Edge, FieldRef

KEPT = 6
"""Producers kept for one input."""
FLOOR = 0.1
"""Candidates below this probability are not edges."""


class Candidate(NamedTuple):
    """A pair with its signals, in the order of `signals.NAMES`."""

    offer: Offer
    want: Want
    values: list[float]


def candidates(views: Sequence[ToolView], synonyms: Mapping[str, Mapping[str, float]]) -> Iterator[list[Candidate]]:
    """For every wanted input its candidates, one a producing tool and offered field.

    `synonyms`: for a wanted head noun, other head nouns and their similarity.
    """
    wanted = list(wants(views))
    asked = frozenset(head for want in wanted for head in heads(want.field))
    others = {other for head in asked for other in synonyms.get(head, ())}
    index = Index(views, asked | others)
    rarity = _rarity(wanted, len(views))
    vectors = embeddings([(*sorted(view.words), *view.text) for view in views])
    for want in wanted:
        found: list[Candidate] = []
        near = dict.fromkeys(sorted(heads(want.field)), 0.0)
        for head in list(near):
            for other, similarity in synonyms.get(head, {}).items():
                near.setdefault(other, similarity)
        seen: set[tuple[int, str]] = set()
        for head, similarity in near.items():
            for offer in index.offers(head):
                place = (offer.tool, offer.field.path)
                if offer.tool != want.tool and place not in seen:
                    seen.add(place)
                    values = signals(offer, want, views, rarity[want.field.head], similarity)
                    found.append(Candidate(offer, want, values))
        if found:
            producers = vectors[[candidate.offer.tool for candidate in found]]
            compare([candidate.values for candidate in found], (producers @ vectors[want.tool]).tolist())
            yield found


def value_edges(views: Sequence[ToolView], synonyms: Mapping[str, Mapping[str, float]]) -> list[Edge]:
    """The best edges into every input of the tools."""
    model = weights()
    edges: list[Edge] = []
    for group in candidates(views, synonyms):
        best: dict[int, tuple[float, Candidate]] = {}
        for candidate in group:
            score = probability(candidate.values, model)
            if score >= FLOOR and score > best.get(candidate.offer.tool, (0.0,))[0]:
                best[candidate.offer.tool] = (score, candidate)
        ranked = sorted(best.values(), key=lambda item: (-item[0], views[item[1].offer.tool].key))
        edges.extend(_edge(score, candidate, views) for score, candidate in ranked[:KEPT])
    return edges


def _edge(score: float, candidate: Candidate, views: Sequence[ToolView]) -> Edge:
    producer, consumer = views[candidate.offer.tool].key, views[candidate.want.tool].key
    return Edge(
        producer=FieldRef(producer.server, producer.name, candidate.offer.field.path),
        consumer=FieldRef(consumer.server, consumer.name, candidate.want.field.path),
        kind="value",
        score=round(score, 4),
        evidence=evidence(candidate.values),
    )


def _rarity(wanted: Sequence[Want], tools: int) -> dict[str, float]:
    """1 for a noun that one tool wants, near 0 for one that all want."""
    count: dict[str, set[int]] = {}
    for want in wanted:
        count.setdefault(want.field.head, set()).add(want.tool)
    return {head: 1.0 - (len(users) - 1) / max(1, tools) for head, users in count.items()}

"""Nouns of one server that mean the same: the output calls it commit, the input revision."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tdscaling.graph.embeddings import Embedder, embeddings
from tdscaling.semantics.fields import GENERIC, identifying
from tdscaling.semantics.views import ToolView

_RINGS = (
    ("commit", "revision", "sha", "hash", "ref"),
    ("file", "workbook", "document", "path", "filepath"),
    ("sheet", "worksheet", "tab"),
    ("directory", "folder"),
    ("organization", "company"),
    ("repository", "project"),
    ("user", "member", "person", "account"),
    ("message", "email", "mail"),
    ("customer", "client", "contact"),
)


NEAR = 0.5
"""Cosine from which two nouns may stand for each other."""
_LIMIT = 400
"""Nouns compared at most, by their frequency: larger servers name things alike."""


def synonyms(views: Sequence[ToolView], embed: Embedder = embeddings) -> Mapping[str, Mapping[str, float]]:
    """For each wanted head noun that no tool of the server is about, the nouns that may stand for it, with a similarity
    in [0, 1]: those of a ring of near meanings, and those whose vectors are near.
    """
    offered = Counter(view.noun[-1] for view in views if view.noun)
    wanted = Counter(field.head for view in views for field in view.inputs if identifying(field))
    missing = [head for head, _ in _most(wanted) if head not in offered and head not in GENERIC]
    nouns = [noun for noun, _ in _most(offered)]
    found: dict[str, dict[str, float]] = {}
    for ring in _RINGS:
        for head in missing:
            if head in ring:
                found.setdefault(head, {}).update({other: 0.7 for other in ring if other != head})
    if missing and nouns:
        cosines = embed([[head] for head in missing]) @ embed([[noun] for noun in nouns]).T
        for row, column in np.argwhere(cosines >= NEAR).tolist():
            found.setdefault(missing[row], {}).setdefault(nouns[column], round(float(cosines[row, column]), 3))
    return found


def _most(count: Counter[str]) -> list[tuple[str, int]]:
    return sorted(count.items(), key=lambda item: (-item[1], item[0]))[:_LIMIT]

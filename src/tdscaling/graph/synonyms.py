"""Nouns of one server that mean the same: the output calls it commit, the input revision."""

from collections.abc import Mapping, Sequence

from tdscaling.graph.views import ToolView

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


def synonyms(views: Sequence[ToolView]) -> Mapping[str, Mapping[str, float]]:
    """For each wanted head noun the other nouns that may stand for it, with a similarity in [0, 1]."""
    heads = sorted({field.head for view in views for field in view.inputs if field.entity})
    found: dict[str, dict[str, float]] = {}
    for ring in _RINGS:
        for head in heads:
            if head in ring:
                found.setdefault(head, {}).update({other: 0.7 for other in ring if other != head})
    return found

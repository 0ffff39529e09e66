"""Value edges that the paths of an HTTP API prove: what lists or creates `/things` feeds `/things/{thing}`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tdscaling.graph.starts import closest
from tdscaling.semantics.fields import Field
from tdscaling.semantics.views import ToolView
from tdscaling.types import Edge, FieldRef

SCORE = 0.97
EVIDENCE = "path_hierarchy"
_PARAMETER = re.compile(r"\{[^}]*\}")


def path_edges(views: Sequence[ToolView], values: Sequence[Edge]) -> list[Edge]:
    """The value edges of one server with those that its paths prove, which score SCORE at least.

    Tools whose paths the catalogue does not know stay as they are.
    """
    if not any(view.route for view in views):
        return list(values)
    found = {(edge.producer.key, edge.consumer): edge for edge in values}
    by_path: dict[str, list[ToolView]] = {}
    for view in views:
        if view.method in ("GET", "POST") and view.outputs:
            by_path.setdefault(_PARAMETER.sub("{}", view.route), []).append(view)
    for view in views:
        for wanted, collection in _parameters(view):
            for producer in by_path.get(collection, ()):
                if producer.key != view.key:
                    into = FieldRef(*view.key, wanted.path)
                    old = found.get((producer.key, into))
                    found[producer.key, into] = _raised(old) if old else _edge(producer, into, wanted)
    return list(found.values())


def _parameters(view: ToolView) -> Iterator[tuple[Field, str]]:
    """Each parameter of a path with the shape of the collection that it is from."""
    inputs = {field.path: field for field in view.inputs}
    for match in re.finditer(r"/\{([^}]*)\}", view.route):
        collection = _PARAMETER.sub("{}", view.route[: match.start()])
        if match[1] in inputs and collection and not collection.endswith("{}"):
            yield inputs[match[1]], collection


def _raised(edge: Edge) -> Edge:
    return replace(edge, score=max(edge.score, SCORE), evidence=tuple(sorted({*edge.evidence, EVIDENCE})))


def _edge(producer: ToolView, into: FieldRef, wanted: Field) -> Edge:
    fields = [field for field in producer.outputs if field.own or field.words == wanted.words] or producer.outputs
    source = FieldRef(*producer.key, fields[closest(fields, wanted)].path)
    return Edge(producer=source, consumer=into, kind="value", score=SCORE, evidence=(EVIDENCE,))

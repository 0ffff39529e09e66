"""Edges and clusters as JSON Lines, in the schemas of ARCHITECTURE.md; the same content gives the same bytes."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast, get_args

from tdscaling.errors import DataError
from tdscaling.graph.dependencies import edge_order
from tdscaling.replacing import replacing
from tdscaling.types import Cluster, ClusterKind, Edge, EdgeKind, FieldRef, JsonObject, JsonValue, ToolKey, WitnessStep

T = TypeVar("T")


def save_edges(path: Path, edges: Iterable[Edge]) -> None:
    """Writes edges sorted by producer, consumer and kind, whole or not at all.

    Raises DataError, ConfigError for what is no file.
    """
    _write(path, (edge_json(edge) for edge in sorted(edges, key=edge_order)))


def load_edges(path: Path) -> tuple[Edge, ...]:
    """Reads edges. Raises DataError, naming file and line."""
    return tuple(_each(path, _edge))


def save_clusters(path: Path, clusters: Iterable[Cluster]) -> None:
    """Writes clusters sorted by id, as `save_edges` does."""
    _write(path, (cluster_json(cluster) for cluster in sorted(clusters, key=lambda cluster: cluster.id)))


def load_clusters(path: Path) -> tuple[Cluster, ...]:
    """Reads clusters. Raises DataError, naming file and line."""
    return tuple(_each(path, _cluster))


def edge_json(edge: Edge) -> dict[str, JsonValue]:
    """An edge as the JSON object of its file line."""
    return {
        "producer": _ref_json(edge.producer),
        "consumer": _ref_json(edge.consumer),
        "kind": edge.kind,
        "score": edge.score,
        "evidence": list(edge.evidence),
    }


def cluster_json(cluster: Cluster) -> dict[str, JsonValue]:
    """A cluster as the JSON object of its file line."""
    row: dict[str, JsonValue] = {
        "id": cluster.id,
        "name": cluster.name,
        "domain": cluster.domain,
        "kind": cluster.kind,
        "tools": [_key_json(key) for key in cluster.tools],
        "edges": [edge_json(edge) for edge in cluster.edges],
        "order": [_key_json(key) for key in cluster.order],
    }
    if cluster.witness:
        row["witness"] = [{**_key_json(step.tool), "arguments": step.arguments} for step in cluster.witness]
    return row


def _ref_json(ref: FieldRef) -> dict[str, JsonValue]:
    return {"server": ref.server, "tool": ref.tool, "field": ref.field}


def _key_json(key: ToolKey) -> dict[str, JsonValue]:
    return {"server": key.server, "name": key.name}


def _write(path: Path, rows: Iterable[JsonObject]) -> None:
    try:
        with replacing(path) as file:
            for row in rows:
                file.write(f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n".encode())
    except OSError as exc:
        raise DataError(f"{path}: can't be written: {exc.strerror}") from exc


def _each(path: Path, read: Callable[[JsonObject], T]) -> Iterator[T]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _row(line, f"{path}:{number}", read)
    except (OSError, UnicodeDecodeError) as exc:
        raise DataError(f"{path}: can't be read: {exc}") from exc


def _row(line: str, place: str, read: Callable[[JsonObject], T]) -> T:
    try:
        row: JsonValue = json.loads(line)
        if not isinstance(row, dict):
            raise TypeError("not an object")
        return read(row)
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise DataError(f"{place}: not a line of this kind of file ({type(exc).__name__}: {exc})") from exc


def _edge(row: JsonObject) -> Edge:
    kind = row["kind"]
    if kind not in get_args(EdgeKind):
        raise ValueError(f"unknown kind {kind!r}")
    score = row["score"]
    if not isinstance(score, int | float) or isinstance(score, bool):
        raise TypeError("score is no number")
    return Edge(
        producer=_ref(row["producer"]),
        consumer=_ref(row["consumer"]),
        kind=cast("EdgeKind", kind),
        score=float(score),
        evidence=tuple(_text(item) for item in _list(row["evidence"])),
    )


def _cluster(row: JsonObject) -> Cluster:
    kind = row["kind"]
    if kind not in get_args(ClusterKind):
        raise ValueError(f"unknown kind {kind!r}")
    return Cluster(
        id=_text(row["id"]),
        name=_text(row["name"]),
        domain=_text(row["domain"]),
        kind=cast("ClusterKind", kind),
        tools=tuple(_key(item) for item in _list(row["tools"])),
        edges=tuple(_edge(_object(item)) for item in _list(row["edges"])),
        order=tuple(_key(item) for item in _list(row["order"])),
        witness=tuple(_step(item) for item in _list(row.get("witness", []))),
    )


def _ref(value: JsonValue) -> FieldRef:
    row = _object(value)
    return FieldRef(_text(row["server"]), _text(row["tool"]), _text(row["field"]))


def _key(value: JsonValue) -> ToolKey:
    row = _object(value)
    return ToolKey(_text(row["server"]), _text(row["name"]))


def _step(value: JsonValue) -> WitnessStep:
    return WitnessStep(_key(value), _object(_object(value)["arguments"]))


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, found {value!r:.40}")
    return value


def _list(value: JsonValue) -> Sequence[JsonValue]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"expected a list, found {value!r:.40}")
    return value


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object, found {value!r:.40}")
    return value

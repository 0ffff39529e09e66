"""Meaning of words without a neural network at run time: a static table distilled from MiniLM (package data, int8).

Made by scripts/distil_embeddings.py. A word that the table lacks is cut into its longest known pieces.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Embedder = Callable[[Sequence[Iterable[str]]], Vector]
"""From texts, as words, to their unit vectors, one row a text: `embeddings`, or another model (`encoders.py`)."""


class _Table(NamedTuple):
    rows: npt.NDArray[np.int8]
    place: Mapping[str, int]
    scale: float


@cache
def _table() -> _Table:
    raw = files("tdscaling.graph").joinpath("data", "embeddings.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
        pieces = bytes(archive["pieces"]).decode().split("\n")
        return _Table(archive["table"], {piece: index for index, piece in enumerate(pieces)}, float(archive["scale"]))


def dimensions() -> int:
    """The length of a vector."""
    return int(_table().rows.shape[1])


def embed(words: Iterable[str]) -> Vector:
    """The unit vector of some words together, shape (dimensions(),); zeros where none is known.

    >>> a, b, c = embed(["invoice"]), embed(["bill"]), embed(["thunderstorm"])
    >>> bool(a @ b > a @ c)
    True
    """
    total = np.zeros(dimensions(), dtype=np.float32)
    for word in words:
        total += _word(word)
    size = float(np.linalg.norm(total))
    return total / size if size > 0 else total


def embeddings(texts: Sequence[Iterable[str]]) -> Vector:
    """The vectors of several texts, shape (len(texts), dimensions())."""
    return np.stack([embed(text) for text in texts]) if texts else np.zeros((0, dimensions()), dtype=np.float32)


@lru_cache(maxsize=100_000)
def _word(word: str) -> Vector:
    table = _table()
    rows = table.rows[_pieces(word.lower()[:40])].astype(np.float32)
    return rows.sum(axis=0) * table.scale / max(1, len(rows))


def _pieces(word: str) -> list[int]:
    """Longest match first, as WordPiece does; a part that is unknown is skipped by one character."""
    place = _table().place
    found: list[int] = []
    start = 0
    while start < len(word):
        mark = "##" if start else ""
        end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in place), 0)
        if end:
            found.append(place[mark + word[start:end]])
        start = end or start + 1
    return found

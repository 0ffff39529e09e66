"""Vectors of another model in place of the shipped table: any that sentence-transformers loads (extra `embeddings`)."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from tdscaling.errors import ConfigError
from tdscaling.graph.embeddings import Embedder, Vector, embeddings

_PACKAGE = "sentence_transformers"
_DIGITS = 4
"""Kept of a vector's numbers: the same text has the same vector whatever it was read together with."""


class Encoder(Protocol):
    """The part of `sentence_transformers.SentenceTransformer` in use."""

    def encode(
        self, sentences: Sequence[str], *, normalize_embeddings: bool, show_progress_bar: bool
    ) -> npt.NDArray[np.float32]: ...


class _Package(Protocol):
    def SentenceTransformer(self, name: str, *, device: str, trust_remote_code: bool) -> Encoder: ...  # noqa: N802


def chosen(model: str | None) -> Embedder:
    """The embedder of a sentence model; the shipped table where none is named. Raises ConfigError."""
    return sentence_embedder(model) if model else embeddings


def sentence_embedder(model: str) -> Embedder:
    """An embedder by a model's folder, or by its name on the hub that sentence-transformers downloads from. It runs on
    the processor, so that a catalogue gives the same edges with and without a graphics card; no code of the model's
    folder is run.

    Raises ConfigError when the extra is not installed or the model can't be loaded.
    """
    try:
        package = cast("_Package", import_module(_PACKAGE))
    except ModuleNotFoundError:
        raise ConfigError("--embeddings needs sentence-transformers: pip install 'tdscaling[embeddings]'") from None
    try:
        encoder = package.SentenceTransformer(model, device="cpu", trust_remote_code=False)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, ImportError) as problem:
        said = next(iter(str(problem).splitlines()), type(problem).__name__)
        raise ConfigError(f"{model}: sentence-transformers can't load this: {said}") from None
    return embedder(encoder)


def embedder(encoder: Encoder) -> Embedder:
    """The vectors of an encoder, each text read once."""
    known: dict[str, Vector] = {}

    def embed(texts: Sequence[Iterable[str]]) -> Vector:
        lines = [" ".join(text) for text in texts]
        new = sorted({*lines} - known.keys())
        if new:
            vectors = encoder.encode(new, normalize_embeddings=True, show_progress_bar=False)
            known.update(zip(new, np.round(vectors, _DIGITS).astype(np.float32), strict=True))
        return np.stack([known[line] for line in lines]) if lines else np.zeros((0, 0), dtype=np.float32)

    return embed

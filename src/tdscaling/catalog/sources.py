"""Finds the files that a source stands for."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscaling.catalog.corpus import is_corpus
from tdscaling.errors import ConfigError

DOCUMENT_SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `source` is what the user named, `folder` the top folder when that is one."""

    path: Path
    source: str
    folder: Path | None = None

    @property
    def label(self) -> str:
        return str(self.path)


def source_files(sources: Sequence[Path | str]) -> list[SourceFile]:
    """The files of all sources: each file once, folders walked in sorted order, hidden files and folders skipped.

    Raises ConfigError for a source that does not exist.
    """
    found: dict[Path, SourceFile] = {}
    for source in sources:
        path = Path(source)
        if path.is_dir():
            for file in _walk(path):
                found.setdefault(file.resolve(), SourceFile(file, str(source), path))
        elif path.exists():
            found.setdefault(path.resolve(), SourceFile(path, str(source)))
        else:
            raise ConfigError(f"{source}: no such file or folder; name an MCP config, a specification or a corpus")
    return list(found.values())


def _walk(folder: Path) -> list[Path]:
    files: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files.extend(
            Path(place, name)
            for name in names
            if not name.startswith(".") and (name.lower().endswith(DOCUMENT_SUFFIXES) or is_corpus(Path(name)))
        )
    return sorted(files)

"""Parameters that name a place in the workspace: a file, a folder, a repository."""

from collections.abc import Mapping, Sequence

from tdscaling.types import JsonObject, Tool
from tdscaling.values.generate import words

_PATH_WORDS = frozenset(
    "path file filepath filename dir directory folder repo repository workbook source destination".split()
)
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "workbook": (".xlsx", ".xls", ".ods"),
    "excel": (".xlsx", ".xls"),
    "csv": (".csv", ".tsv"),
    "image": (".png", ".jpg", ".jpeg"),
    "json": (".json",),
    "pdf": (".pdf",),
    "markdown": (".md",),
    "database": (".db", ".sqlite"),
}


def ambient(tool: Tool, name: str, schema: JsonObject, paths: Sequence[str]) -> list[str]:
    """The workspace paths that fit a parameter, best first; none where its name does not speak of a path."""
    said = set(words(name))
    if not paths or "sheet" in said or not said & (_PATH_WORDS | set(_ENDINGS)):
        return []
    context = f"{name} {schema.get('description', '')}".lower()
    wider = f"{tool.name} {tool.server} {tool.description}".lower()
    wants_folder = bool(said & {"dir", "directory", "folder"})

    def rank(path: str) -> tuple[int, int, str]:
        for score, text in ((0, context), (1, wider)):
            if any(key in text and path.endswith(endings) for key, endings in _ENDINGS.items()):
                return score, len(path), path
            if "repo" in text and f"{path}.git/" in paths:
                return score, len(path), path
        return (2 if path.endswith("/") == wants_folder else 3), len(path), path

    return [path.rstrip("/") for path in sorted((p for p in paths if not p.endswith(".git/")), key=rank)]


def alike(path: str, known: Sequence[object], paths: Sequence[str]) -> bool:
    """Whether a path is of the kind of those that worked: same ending, or a repository as they are.

    >>> alike("/w/b.xlsx", ["/v/a.xlsx"], []), alike("/w/b.csv", ["/v/a.xlsx"], [])
    (True, False)
    """
    repository = f"{path}/.git/" in paths
    for other in known:
        ending = str(other).rpartition("/")[2].rpartition(".")
        if ending[1]:
            if path.endswith(f".{ending[2]}"):
                return True
        elif repository or (f"{path}/" in paths and not any(item.endswith("/.git/") for item in paths)):
            return True
    return False

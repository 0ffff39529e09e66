"""Folders that Python imports from: those that an environment names by `.pth` files, and those that a command names.

What a package installs decides what its `.pth` files say, so a line of one is no wish of the user's: projects installed
in place are shown, and nothing that is private. Of a folder that the command itself imports from only modules are.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

DATA = ("/boot", "/dev", "/etc", "/lost+found", "/proc", "/run", "/sys", "/var")
"""Where a system keeps its own, and nobody a project; a home folder in one of them is still a home."""
MARKS = ("pyproject.toml", "setup.py", "setup.cfg")
BESIDE_MODULES = (".py", ".pyi", ".so", ".egg-info", ".dist-info", ".typed")
OPEN = stat.S_IROTH | stat.S_IXOTH
MOST_BESIDE = 500
"""Modules and packages in a folder, above which it is no program's."""


def linked(venv: Path) -> Iterator[Path]:
    """What a server of this environment is shown for it: folders that look like a root of Python sources, lie in no
    folder of the system's and in no hidden one, and are open to others, with nothing but the sources in them. Of the
    project that the environment lies in, whole folders, private ones too. Others are left out; a grant shows them."""
    for file in sorted(venv.glob("lib/python3*/site-packages/*.pth")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("/"):
                yield from _shown(Path(os.path.normpath(line.rstrip())), venv)


def importable(folder: Path) -> Sequence[Path]:
    """The modules and packages in a folder that a command imports from, as a script does from its own: those open to
    others, and nothing else of it (`.env`, data, other projects); none in a home itself or a folder of the system's."""
    try:
        real, home = folder.resolve(), Path.home().resolve()
        if home.is_relative_to(real) or _of_system(real, home) or real.stat().st_mode & stat.S_ISVTX:
            return ()
        found = [entry for entry in _entries(folder) if _importable(entry) and _is_source(entry, real)]
        return found if len(found) <= MOST_BESIDE else ()
    except (OSError, ValueError, RuntimeError):  # not to be read, no path at all, links in a circle
        return ()


def _shown(folder: Path, venv: Path) -> Sequence[Path]:
    try:
        real, home, project = folder.resolve(), Path.home().resolve(), venv.parent.resolve()
        ours = _is_project(project) and not home.is_relative_to(project) and real.is_relative_to(project)
        mode = real.stat().st_mode
        if home.is_relative_to(real) or _of_system(real, home) or not stat.S_ISDIR(mode) or mode & stat.S_ISVTX:
            return ()
        if _hidden(folder, venv.parent if ours else None) or _hidden(real, project if ours else None):
            return ()
        if not (ours or mode & OPEN == OPEN) or not _is_root(real):
            return ()
        return (folder,) if ours else _sources(folder, real)
    except (OSError, ValueError, RuntimeError):  # not to be read, no path at all, links in a circle
        return ()


def _sources(folder: Path, real: Path) -> Sequence[Path]:
    """The folder where all in it is Python and open, else what is: not what lies beside (`.env`, `.git`, data, other
    projects), what others may not read, nor what a link leads out to."""
    entries = _entries(folder)
    found = [entry for entry in entries if _is_source(entry, real)]
    return (folder,) if len(found) == len(entries) else found


def _is_source(entry: Path, root: Path) -> bool:
    try:
        target, mode = entry.resolve(), entry.stat().st_mode
        within = target.is_relative_to(root) and not _hidden(target, root) and not entry.name.startswith(".")
        opened = mode & OPEN == OPEN if stat.S_ISDIR(mode) else bool(mode & stat.S_IROTH)
        return within and opened and (_importable(entry) or entry.name in MARKS or _is_package(entry))
    except (OSError, RuntimeError):  # not to be read, links that lead nowhere or in a circle
        return False


def _of_system(real: Path, home: Path) -> bool:
    return not real.is_relative_to(home) and any(real.is_relative_to(place) for place in DATA)


def _hidden(path: Path, project: Path | None) -> bool:
    """Whether a part of the path starts with a dot; in the environment's own project, a part below that."""
    inner = project is not None and path.is_relative_to(project)
    parts = path.relative_to(project).parts if project is not None and inner else path.parts
    return any(part.startswith(".") for part in parts)


def _is_project(folder: Path) -> bool:
    return any((folder / mark).is_file() for mark in MARKS)


def _is_root(folder: Path) -> bool:
    """A project, the sources of one, or a folder with nothing in it but modules and packages."""
    entries = [_importable(entry) for entry in _entries(folder)]
    return _is_project(folder) or all(entries) or (any(entries) and _is_project(folder.parent))


def _entries(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.name != "__pycache__")


def _importable(entry: Path) -> bool:
    return entry.suffix in BESIDE_MODULES or os.path.isfile(entry / "__init__.py")  # noqa: PTH113 where it can't be read as well


def _is_package(entry: Path, depth: int = 2) -> bool:
    """A folder of modules, or of packages inside of it (`google/cloud/storage`); another project is none."""
    if not entry.name.isidentifier() or not os.access(entry, os.R_OK | os.X_OK) or not entry.is_dir():
        return False
    inner = list(entry.iterdir())
    within = any(map(_importable, inner)) or (depth > 1 and any(_is_package(one, depth - 1) for one in inner))
    return within and not _is_project(entry)

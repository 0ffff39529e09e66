"""Folders that an environment names by `.pth` files: projects installed in place, and nothing that is private.

What a package installs decides what its `.pth` files say, so a line of one is no wish of the user's.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

DATA = ("/boot", "/dev", "/etc", "/lost+found", "/proc", "/run", "/sys", "/var")
"""Where a system keeps its own, and nobody a project; a home folder in one of them is still a home."""
MARKS = ("pyproject.toml", "setup.py", "setup.cfg")
BESIDE_MODULES = (".py", ".pyi", ".so", ".egg-info", ".dist-info", ".typed")
OPEN = stat.S_IROTH | stat.S_IXOTH


def linked(venv: Path) -> Iterator[Path]:
    """The folders that a server of this environment is shown for it: those that look like a root of Python sources,
    lie in no folder of the system's and in no hidden one, and are open to others (or part of the project that the
    environment lies in). Others are left out; a grant shows them."""
    for file in sorted(venv.glob("lib/python3*/site-packages/*.pth")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            folder = Path(os.path.normpath(line.rstrip()))
            if line.startswith("/") and _shown(folder, venv):
                yield folder


def _shown(folder: Path, venv: Path) -> bool:
    try:
        real, home, project = folder.resolve(), Path.home().resolve(), venv.parent.resolve()
        ours = _is_project(project) and not home.is_relative_to(project) and real.is_relative_to(project)
        mode = real.stat().st_mode
        if home.is_relative_to(real) or _of_system(real, home) or not stat.S_ISDIR(mode) or mode & stat.S_ISVTX:
            return False
        if _hidden(folder, venv.parent if ours else None) or _hidden(real, project if ours else None):
            return False
        return (ours or mode & OPEN == OPEN) and _is_root(real)
    except (OSError, ValueError, RuntimeError):  # not to be read, no path at all, links in a circle
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
    entries = [_importable(entry) for entry in sorted(folder.iterdir()) if entry.name != "__pycache__"]
    return _is_project(folder) or all(entries) or (any(entries) and _is_project(folder.parent))


def _importable(entry: Path) -> bool:
    return entry.suffix in BESIDE_MODULES or (entry / "__init__.py").is_file()

"""What a command needs to run: its interpreter, its virtual environment, its script and the modules beside that."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscaling.errors import SandboxError
from tdscaling.sandbox.linked import OPEN, importable, linked

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
"""What every sandbox shows read-only."""
INTERPRETERS = re.compile(r"(python|node|bun|deno|ruby|perl|bash|sh)[\d.]*")


@dataclass(frozen=True, slots=True)
class Reach:
    """`argv` with its program as a path that exists inside, and the host paths to show read-only at the same place."""

    argv: tuple[str, ...]
    paths: tuple[Path, ...]


def reach(argv: Sequence[str], env: Mapping[str, str], cwd: str | None = None) -> Reach:
    """Raises SandboxError when there is no such command, or when running it would show a whole home folder."""
    program = _find(argv[0], env)
    paths: dict[Path, None] = {}
    for path in [*_of_program(program, env), *_of_script(program, argv[1:]), *_of_imports(program, argv[1:], env, cwd)]:
        if not _is_system(path):
            paths[_harmless(path, program)] = None
    outer = [path for path in paths if not any(path != other and path.is_relative_to(other) for other in paths)]
    return Reach((str(_entry(program)), *argv[1:]), tuple(sorted(outer)))


def _find(command: str, env: Mapping[str, str]) -> Path:
    found = shutil.which(command, path=env.get("PATH", os.defpath))
    if found is None:
        raise SandboxError(f"no such command: {command}")
    return Path(os.path.abspath(found))  # noqa: PTH100 a symlink's own name matters


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(place) for place in SYSTEM)


def _harmless(path: Path, program: Path) -> Path:
    if Path.home().is_relative_to(path) or len(path.parts) < 2:
        raise SandboxError(f"{program}: running it would show all of {path}; install it in an environment of its own")
    return path


def _venv(program: Path) -> Path | None:
    root = program.parent.parent
    return root if (root / "pyvenv.cfg").is_file() else None


def _hops(program: Path) -> Iterator[Path]:
    """The path and every link on the way to the real file, each as it is spelled."""
    seen: set[Path] = set()
    while program not in seen:
        seen.add(program)
        yield program
        if program.is_symlink():
            program = Path(os.path.normpath(program.parent / program.readlink()))


def _entry(program: Path) -> Path:
    """The first hop that lies in a virtual environment, else the real file: what is executed inside."""
    return next((hop for hop in _hops(program) if _venv(hop)), program.resolve())


def _of_program(program: Path, env: Mapping[str, str]) -> Iterator[Path]:
    for hop in _hops(program):
        if venv := _venv(hop):
            yield venv
            yield from linked(venv)
        elif prefix := _prefix(hop):
            yield prefix
    real = program.resolve()
    if not (_venv(real) or _prefix(real)):
        yield real
    if interpreter := _shebang(real, env):
        for path in _of_program(interpreter, env):
            if path.is_file() and path.stat().st_mode & OPEN != OPEN:
                raise SandboxError(f"{program}: it asks for {path}, which is private: nobody else may read and run it")
            yield path


def _prefix(program: Path) -> Path | None:
    """The installation a program is part of: a Python's or a node's, not a folder that holds programs of all kinds."""
    root = program.parent.parent
    marks = [*root.glob("lib/python3*/os.py"), root / "lib" / "node_modules" / "npm"]
    whole = program.parent.name == "bin" and root != Path("/")  # /bin may be a link to /usr/bin
    return root if whole and any(mark.exists() for mark in marks) else None


def _shebang(program: Path, env: Mapping[str, str]) -> Path | None:
    with program.open("rb") as file:
        head = file.readline(512)
    if not head.startswith(b"#!"):
        return None
    words = head[2:].decode(errors="replace").split()
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return _find(words[0], env) if words else None


def _of_script(program: Path, arguments: Sequence[str]) -> Iterator[Path]:
    """The script an interpreter is told to run; for JavaScript the package that it is part of."""
    path = _script(program, arguments)
    if path is not None:
        packages = [folder for folder in path.parents if (folder / "package.json").is_file()]
        yield packages[0] if packages and path.suffix in (".js", ".mjs", ".cjs") else path


def _of_imports(program: Path, arguments: Sequence[str], env: Mapping[str, str], cwd: str | None) -> Iterator[Path]:
    """For Python what it imports from the folder of its script, else the one it starts in, and from those that the
    server's own variable names."""
    if program.name.startswith("python"):
        script = _script(program, arguments)
        own = str(script.parent) if script else cwd or ""
        for folder in [own, *env.get("PYTHONPATH", "").split(":")]:
            if folder.startswith("/"):
                yield from importable(Path(os.path.normpath(folder)))


def _script(program: Path, arguments: Sequence[str]) -> Path | None:
    if not INTERPRETERS.fullmatch(program.name):
        return None
    script = next(iter(arguments), "")
    while script.startswith("-") and script not in ("-m", "-c", "-e"):
        arguments = arguments[1:]
        script = next(iter(arguments), "")
    path = Path(script)
    return path if path.is_absolute() and path.is_file() else None

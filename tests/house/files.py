"""The project's own files, as git sees them: tracked, or new and not ignored."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project, sorted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    found = sorted({ROOT / name for name in names if name})
    return tuple(path for path in found if path.is_file())


def modules() -> Iterator[Path]:
    return (path for path in files() if path.suffix == ".py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def long_functions(source: str, limit: int) -> dict[str, int]:
    """Functions of more than `limit` lines, by name.

    >>> long_functions("def a():\\n    return 1\\n\\ndef b(): ...", 1)
    {'a': 2}
    """
    found = ((node, (node.end_lineno or 0) - node.lineno + 1) for node in ast.walk(ast.parse(source)) if function(node))
    return {getattr(node, "name", ""): lines for node, lines in found if lines > limit}


def function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)

"""Globs over relative paths; `**` crosses folders."""

import re
from collections.abc import Callable, Sequence


def matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """A test of relative paths against all `globs`.

    >>> ignored = matcher(["**/*.log", "tmp/**"])
    >>> [ignored(path) for path in ("a.log", "x/y/b.log", "tmp/a", "tmpfile", "src/tmp/a")]
    [True, True, True, False, False]
    """
    patterns = [re.compile(_regex(glob)) for glob in globs]
    return lambda path: any(pattern.fullmatch(path) for pattern in patterns)


def _regex(glob: str) -> str:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    spelled = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(spelled.get(part, re.escape(part)) for part in parts)

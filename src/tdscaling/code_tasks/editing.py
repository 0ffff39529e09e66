"""How a file is changed in a session: by a few lines of Python, by sed, or written anew."""

import shlex
from random import Random

from tdscaling.code_tasks.task import PYTHON, SHELL, Act


def heredoc(path: str, text: str) -> str:
    """A shell command that writes a file."""
    end = "EOF" if "\nEOF\n" not in text else "END_OF_FILE"
    return f"cat > {shlex.quote(path)} <<'{end}'\n{text.rstrip()}\n{end}"


def replaced(path: str, old: str, new: str) -> str:
    """Python that replaces a passage that stands once in a file."""
    return (
        "from pathlib import Path\n\n"
        f"path = Path({path!r})\n"
        "text = path.read_text()\n"
        f"old = {_literal(old)}\n"
        f"new = {_literal(new)}\n"
        "assert text.count(old) == 1, text.count(old)\n"
        "path.write_text(text.replace(old, new))"
    )


def _literal(text: str) -> str:
    if "\n" in text and '"""' not in text and "\\" not in text and not text.endswith('"'):
        return f'"""{text}"""'
    return repr(text)


def change(path: str, before: str, after: str, rng: Random, says: str) -> Act:
    """The call that turns one text of a file into another that differs in one place."""
    first, old, new = difference(before, after)
    way = rng.random()
    if way < 0.25 or not old:
        return Act(SHELL, heredoc(path, after), says)
    if way < 0.5 and old.count("\n") == new.count("\n") == 1 and not set(new + old) & set("\\&|'"):
        # not `sed -i`: what it says of its temporary file differs from run to run
        file = shlex.quote(path)
        sed = f"sed '{first}s|.*|{new.rstrip()}|' {file} > /tmp/edited && cp /tmp/edited {file}"
        return Act(SHELL, f"{sed} && sed -n '{first}p' {file}", says)
    old, new = unique(before, after)
    return Act(PYTHON, replaced(path, old, new), says)


def difference(before: str, after: str) -> tuple[int, str, str]:
    """The first line that differs, from 1, and the lines that differ, of both.

    >>> difference("a\\nb\\nc\\n", "a\\nx\\nc\\n")
    (2, 'b\\n', 'x\\n')
    """
    one, two = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head = 0
    while head < min(len(one), len(two)) and one[head] == two[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(two)) - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    return head + 1, "".join(one[head : len(one) - tail]), "".join(two[head : len(two) - tail])


def unique(before: str, after: str) -> tuple[str, str]:
    r"""The lines that differ, with as many lines before them, then after them, as make the old passage stand once.

    >>> unique("a\nb\na\n", "a\nb\nx\n")
    ('b\na\n', 'b\nx\n')
    """
    first, old, new = difference(before, after)
    lines = before.splitlines(keepends=True)
    start, end = first - 1, first - 1 + len(old.splitlines())
    while (not old or before.count(old) > 1 or before.replace(old, new) != after) and end - start < len(lines):
        if start > 0:
            start -= 1
            old, new = lines[start] + old, lines[start] + new
        else:
            old, new = old + lines[end], new + lines[end]
            end += 1
    return old, new

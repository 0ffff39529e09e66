"""What a code task adds to a plan: the files it starts from, and the hidden tests that decide."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

CodeKind: TypeAlias = Literal["sql", "analysis", "repair", "implement", "repository", "given"]
CODE_KINDS: tuple[CodeKind, ...] = get_args(CodeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile:
    """A file by its path in the workspace, relative and without `..`; `content` is text, or base64 of bytes."""

    path: str
    content: str
    encoding: Literal["text", "base64"] = "text"

    @classmethod
    def of(cls, path: str, data: bytes) -> "TaskFile":
        """The file with these bytes: as text where they are UTF-8.

        >>> TaskFile.of("a.txt", b"one"), TaskFile.of("b", bytes([255])).data
        (TaskFile(path='a.txt', content='one', encoding='text'), b'\\xff')
        """
        try:
            return cls(path=path, content=data.decode("utf-8"))
        except UnicodeDecodeError:
            return cls(path=path, content=base64.b64encode(data).decode("ascii"), encoding="base64")

    @property
    def data(self) -> bytes:
        return self.content.encode("utf-8") if self.encoding == "text" else base64.b64decode(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenTests:
    """What the agent never sees. Either `source`, Python that calls the judged `module` over a pipe and reads its
    other files, or `command`, a shell command that is passed with exit status 0. `files` are put over what the
    solution left; `timeout` in seconds.
    """

    source: str = ""
    module: str = "solution"
    command: str = ""
    files: tuple[TaskFile, ...] = ()
    timeout: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWork:
    """A code task's part of a plan.

    `outputs`: the files that are the solution; nothing else of the session is ever judged. `block`: the solution is
    the last fenced block of this language in the last answer, judged as `answer.LANGUAGE`; "" where it is files.
    """

    kind: CodeKind
    seed: int
    tests: HiddenTests
    files: tuple[TaskFile, ...] = ()
    outputs: tuple[str, ...] = ()
    block: str = ""

    def contents(self) -> Mapping[str, bytes]:
        """The files that the session starts from, by path."""
        return {file.path: file.data for file in self.files}

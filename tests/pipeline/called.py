"""What the tests of the pool have called in other processes."""

import os
import time
from pathlib import Path


def begin() -> None:
    os.environ["BEGUN"] = "yes"


def fail() -> None:
    raise LookupError("not here")


def noted(path: Path, word: str) -> str:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{word}\n")
    return word


def until(path: Path) -> str:
    while not path.exists():
        time.sleep(0.01)
    return path.name


class UnreadableError(Exception):
    """Goes out and does not come in."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)
        self.second = second


def unreadable() -> None:
    raise UnreadableError("one", "two")

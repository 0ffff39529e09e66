"""A specification with the program that meets it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tdscaling.code_tasks.inputs import Arguments


@dataclass(frozen=True, slots=True)
class Spec:
    """`does` follows "a function f(…) that"; `rules` are sentences; `source` is a module that keeps all of them."""

    module: str
    function: str
    parameters: str
    does: str
    rules: tuple[str, ...]
    source: str
    inputs: Callable[[Random], Arguments]

    @property
    def path(self) -> str:
        return f"{self.module}.py"

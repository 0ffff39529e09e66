"""The library of small programs, with what each must give for its inputs."""

import copy
import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

from tdscaling.code_tasks.inputs import MAKERS, Arguments, inputs
from tdscaling.types import JsonValue

PROGRAMS: tuple[str, ...] = tuple(sorted(MAKERS))
CASES = 40
"""Cases of the hidden tests of a program, fewer where it has fewer different inputs."""
_EXPECTED_ERRORS = (ValueError, IndexError, KeyError)


@dataclass(frozen=True, slots=True)
class Program:
    """A module of the library: its entry function and its text."""

    name: str
    function: str
    source: str

    @property
    def path(self) -> str:
        return f"{self.name}.py"


@dataclass(frozen=True, slots=True)
class Case:
    """A call and what it must give: a value as JSON, or the name of an exception where `error` is not empty."""

    arguments: Arguments
    value: JsonValue = None
    error: str = ""

    def call(self, function: str) -> str:
        return f"{function}({', '.join(map(repr, self.arguments))})"

    def as_json(self) -> JsonValue:
        return ["error", self.error] if self.error else ["value", self.value]


@cache
def program(name: str) -> Program:
    """The program of this name in PROGRAMS."""
    source = files("tdscaling.code_tasks.programs").joinpath(f"{name}.py").read_text(encoding="utf-8")
    return Program(name, MAKERS[name][0], source)


def cases(name: str, seed: int, count: int = CASES) -> tuple[Case, ...]:
    """Seeded calls of a program with what it gives."""
    module = importlib.import_module(f"tdscaling.code_tasks.programs.{name}")
    function: Callable[..., JsonValue] = getattr(module, MAKERS[name][0])
    return tuple(_case(function, arguments) for arguments in inputs(name, Random(f"inputs {name} {seed}"), count))


def _case(function: Callable[..., JsonValue], arguments: Arguments) -> Case:
    try:
        value = function(*copy.deepcopy(arguments))
    except _EXPECTED_ERRORS as exc:
        return Case(arguments, error=type(exc).__name__)
    return Case(arguments, json.loads(json.dumps(value)))

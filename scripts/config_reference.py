"""Writes docs/config.md from the pydantic models of `tdscaling.config`: `python -m scripts.config_reference`."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tdscaling import config

TARGET = Path(__file__).parent.parent / "docs" / "config.md"
HEAD = """# Configuration

Every field with its type, its default and its meaning, written by `make docs` from the models in `tdscaling.config`.
A field without a default must be given. `--set a.b=c` on the command line replaces one field.
"""


def models() -> list[type[BaseModel]]:
    """The models of the package, the run's own first, then by name."""
    found: dict[str, type[BaseModel]] = {}
    for info in pkgutil.iter_modules(config.__path__):
        module = importlib.import_module(f"{config.__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.__name__:
                found[value.__name__] = value
    held = {name for model in found.values() for name in _named(model, found)}
    return sorted(found.values(), key=lambda model: (model.__name__ in held, model.__name__))


def _named(model: type[BaseModel], found: dict[str, type[BaseModel]]) -> Iterator[str]:
    """Names of the models that a field of this one holds."""
    for field in model.model_fields.values():
        yield from (name for name in re.findall(r"\w+", type_text(field.annotation)) if name in found)


def type_text(annotation: object) -> str:
    """A type as a reader of YAML understands it.

    >>> type_text(tuple[str, ...]), type_text(int | None), type_text(dict[str, float])
    ('list of str', 'int or nothing', 'map of str to float')
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_text(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(type_text(one) for one in arguments)
    if origin in (list, tuple, frozenset):
        return f"list of {type_text(arguments[0])}"
    if origin is dict:
        return f"map of {type_text(arguments[0])} to {type_text(arguments[1])}"
    if annotation is type(None):
        return "nothing"
    if arguments and type(annotation).__name__ == "_LiteralGenericAlias":
        return " or ".join(f"`{one}`" for one in arguments)
    return getattr(annotation, "__name__", str(annotation))


def default_text(field: FieldInfo) -> str:
    """The default as YAML would have it.

    >>> default_text(FieldInfo(default=3)), default_text(FieldInfo(annotation=int)), default_text(FieldInfo(default=()))
    ('`3`', 'must be given', '`[]`')
    """
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        return "its own defaults"
    return f"`{json.dumps(value, default=str)}`"


def row(name: str, field: FieldInfo) -> str:
    cells = [f"`{name}`", type_text(field.annotation), default_text(field), field.description or ""]
    return " | ".join(["", *(cell.replace("|", "\\|") for cell in cells), ""]).strip()


def table(model: type[BaseModel]) -> str:
    rows = [row(name, field) for name, field in model.model_fields.items()]
    about = (model.__doc__ or "").strip()
    return "\n".join(
        [f"## {model.__name__}\n{about}\n", "| field | type | default | |", "| --- | --- | --- | --- |", *rows, ""]
    )


def reference() -> str:
    """The text of docs/config.md."""
    return "\n".join([HEAD, *(table(model) for model in models())])


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")

"""The one reader of YAML: a config file and `--set` overrides become a checked model."""

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError

from tdscaling.config.unique import RepeatedKeyError, load_unique
from tdscaling.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


def load(path: Path, model: type[M], overrides: Sequence[str] = ()) -> M:
    """Reads `path` and applies `a.b=value` overrides. Raises ConfigError naming the field and the nearest valid one."""
    document = read_yaml(path, next(iter(model.model_fields)))
    for override in overrides:
        _override(document, override)
    return parse(document, model, str(path))


def overridden(model: type[M], overrides: Sequence[str]) -> M:
    """The model with `a.b=value` overrides and all else at its default. Raises ConfigError as `load` does."""
    document: dict[str, object] = {}
    for override in overrides:
        _override(document, override)
    return parse(document, model, "--set")


def read_yaml(path: Path, field: str = "sources") -> dict[str, object]:
    """The mapping in a YAML file, which holds such a field. Raises ConfigError."""
    try:
        loaded = load_unique(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist") from None
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} can't be read: {exc}") from None
    except RepeatedKeyError as exc:
        raise ConfigError(f"{path}: {exc}") from None
    except (yaml.YAMLError, RecursionError) as exc:
        raise ConfigError(f"{path} is no valid YAML: {' '.join(str(exc).split())}") from None
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path} must hold fields like `{field}: ...`")
    return cast("dict[str, object]", loaded)


def parse(document: Mapping[str, object], model: type[M], where: str) -> M:
    """The document as a model. Raises ConfigError for the first thing that is wrong.

    Strict, as JSON is: `true` is no number and "3" is no integer, while a list will do for a tuple.
    """
    try:
        text = json.dumps(document, default=str)
    except (ValueError, RecursionError):
        raise ConfigError(f"{where}: a value holds itself") from None
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as exc:
        error = exc.errors()[0]
        place = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden":
            raise ConfigError(f"{where}: unknown field {place!r}{_nearest(model, error['loc'])}") from None
        named = f"{where}: {place}" if place else where  # what is wrong with the whole names its field itself
        raise ConfigError(f"{named}: {error['msg'][:1].lower()}{error['msg'][1:]}") from None


def _override(document: dict[str, object], text: str) -> None:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"--set takes FIELD=VALUE, not {text!r}")
    node = document
    *parents, last = name.split(".")
    for part in parents:
        inner = node.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {text}: {part!r} holds no fields")
        node = cast("dict[str, object]", inner)
    try:
        node[last] = load_unique(value)
    except RepeatedKeyError as exc:
        raise ConfigError(f"--set {text}: {exc}") from None
    except yaml.YAMLError:
        node[last] = value


def _nearest(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """`; did you mean 'x'?` for the field most like the one that is unknown, else the fields there are."""
    for part in place[:-1]:  # those that are no field are keys of a mapping or places in a list
        found = model.model_fields.get(str(part))
        model = (_inner_model(found.annotation) if found else None) or model
    names = sorted(model.model_fields)
    close = difflib.get_close_matches(str(place[-1]), names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; fields there: {', '.join(names)}"


def _inner_model(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation speaks of, at whatever depth: of `dict[str, tuple[M, ...]]` it is M."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for inner in get_args(annotation) if (found := _inner_model(inner))), None)

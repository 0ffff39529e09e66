"""The packages of the extra `train`, imported only when something is trained."""

import importlib
from importlib.util import find_spec
from typing import Any

from tdscaling.errors import ConfigError

PACKAGES = ("torch", "transformers", "trl", "datasets", "accelerate")


def installed() -> bool:
    """Whether all of them are there; nothing is imported."""
    return all(find_spec(name) is not None for name in PACKAGES)


def package(name: str) -> Any:
    """A package of the extra. Raises ConfigError that says what to install."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        raise ConfigError(
            f"training needs the package {exc.name or name}: pip install 'tdscaling[train]', in a checkout make train"
        ) from None

"""The packages of the extra `train`, imported only when something is trained."""

import importlib
import os
from importlib.util import find_spec
from typing import Any

from tdscaling.errors import ConfigError

PACKAGES = ("torch", "transformers", "trl", "datasets", "accelerate")


def installed() -> bool:
    """Whether all of them are there; nothing is imported."""
    return all(find_spec(name) is not None for name in PACKAGES)


def package(name: str) -> Any:
    """A package of the extra, none of which tells anybody that it is used. Raises ConfigError that says what to
    install."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # TRL's trainer reports each model it is made for
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        raise ConfigError(
            f"training needs the package {exc.name or name}: pip install 'tdscaling[train]', in a checkout make train"
        ) from None

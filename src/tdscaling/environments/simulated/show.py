"""A model for a person to read: YAML in the words of an override file, short lists on one line."""

from collections.abc import Iterable
from typing import Any

import yaml

from tdscaling.environments.simulated.model import ServiceModel, as_json
from tdscaling.types import JsonValue

MAX_CHOICES = 8


def shown(model: ServiceModel) -> str:
    """The model as YAML; enums are cut to their first eight values."""
    return yaml.dump(_short(as_json(model)), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Lists, and mappings of plain values, on one line."""

    def represent_sequence(
        self, tag: str, sequence: Iterable[Any], flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        return super().represent_sequence(tag, sequence, flow_style=True)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _short(value: JsonValue, name: str = "") -> JsonValue:
    if isinstance(value, dict):
        return {key: _short(item, key) for key, item in value.items()}
    if isinstance(value, list) and name == "enum" and len(value) > MAX_CHOICES:
        return [*value[:MAX_CHOICES], f"… {len(value) - MAX_CHOICES} more"]
    return value

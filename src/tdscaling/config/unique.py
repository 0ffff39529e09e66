"""YAML in which no key stands twice: PyYAML itself lets the last one win in silence."""

from typing import cast

import yaml


class RepeatedKeyError(Exception):
    """A mapping names a key twice; the text says which, and in which lines."""


def load_unique(text: str) -> object:
    """The value of a YAML document, plain data only. Raises RepeatedKeyError, and yaml.YAMLError.

    >>> load_unique("a: 1")
    {'a': 1}
    >>> load_unique("a: 1\\nb: 2\\na: 3")
    Traceback (most recent call last):
    tdscaling.config.unique.RepeatedKeyError: the key 'a' stands twice, in lines 1 and 3: remove one of them
    """
    node = yaml.compose(text, yaml.SafeLoader)
    if node is not None:
        _check(node, set())
    return cast("object", yaml.safe_load(text))


def _check(node: yaml.Node, seen: set[int]) -> None:
    """Every mapping once: an alias leads to a node that was seen."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check(item, seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[tuple[str, str], int] = {}
        for key, value in node.value:
            _check(value, seen)
            if not isinstance(key, yaml.ScalarNode):
                continue
            name, line = (key.tag, key.value), key.start_mark.line + 1
            if name in lines:
                raise RepeatedKeyError(
                    f"the key {key.value!r} stands twice, in lines {lines[name]} and {line}: remove one of them"
                )
            lines[name] = line

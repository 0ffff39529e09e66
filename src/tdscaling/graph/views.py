"""A tool as the graph reads it: role, noun, input and output fields, words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tdscaling.graph.fields import Field, Phrase, read
from tdscaling.graph.schema import leaves
from tdscaling.graph.verbs import Role, verbal
from tdscaling.graph.words import text_words, words
from tdscaling.types import Tool, ToolKey

MAX_INPUTS = 120
MAX_OUTPUTS = 400


@dataclass(frozen=True, slots=True)
class ToolView:
    """`inferred`: the tool publishes no output fields, so what it returns is read from its name and text."""

    key: ToolKey
    role: Role
    noun: Phrase
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    inferred: bool
    words: frozenset[str]
    returned: frozenset[str]
    text: tuple[str, ...]


def views(tools: Sequence[Tool]) -> list[ToolView]:
    """Views of the tools of one server (or any group read together), in their order."""
    prefix = common_words(tools)
    return [_view(tool, prefix) for tool in tools]


def common_words(tools: Sequence[Tool]) -> frozenset[str]:
    """Words that start or end nearly all names of a group and so say nothing.

    >>> sorted(common_words([Tool(server="s", name=f"git_{n}") for n in ("log", "show", "add")]))
    ['git']
    """
    if len(tools) < 3:
        return frozenset()
    firsts: Counter[str] = Counter()
    for tool in tools:
        found = words(tool.name)
        if len(found) > 1:
            firsts.update({found[0], found[-1]})
    return frozenset(word for word, count in firsts.items() if count >= 0.7 * len(tools))


def _view(tool: Tool, prefix: frozenset[str]) -> ToolView:
    read_as = verbal(tool, prefix)
    inputs = tuple(read(leaf, read_as.noun) for leaf in leaves(tool.input_schema, MAX_INPUTS))
    published = leaves(tool.output_schema, MAX_OUTPUTS) if tool.output_schema else []
    outputs = tuple(read(leaf, read_as.noun) for leaf in published)
    text = tuple(text_words(tool.description, 40))
    return ToolView(
        key=tool.key,
        role=read_as.role,
        noun=read_as.noun,
        inputs=inputs,
        outputs=outputs,
        inferred=not any(field.entity for field in outputs),
        words=frozenset(read_as.words),
        returned=_returned(text),
        text=text,
    )


def _returned(text: Sequence[str]) -> frozenset[str]:
    """The words after "return" (or at the head of the description, which says what a reader shows)."""
    found = set(text[:8])
    for index, word in enumerate(text):
        if word in ("return", "返回", "output", "yield"):
            found.update(text[index + 1 : index + 11])
    return frozenset(found)

"""What a tool's name says of its inputs: `getProjectsIdCommitsSha` takes a project's id and a commit's sha."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tdscaling.semantics.schema import SchemaLeaf
from tdscaling.semantics.verbs import is_verb
from tdscaling.semantics.words import raw_words, words

Phrase = tuple[str, ...]


class _Word(NamedTuple):
    text: str
    plural: bool


def hints(name: str, inputs: Iterable[SchemaLeaf]) -> dict[str, Phrase]:
    """By the path of an input, the entity that stands before it in the tool's name.

    >>> leaves = [SchemaLeaf(n, n, (), "string", "", False, True, "") for n in ("id", "list_id", "sha")]
    >>> hints("deleteV3ProjectsIdListsListId", leaves), hints("getCommitsSha", leaves), hints("get_user_by_id", leaves)
    ({'id': ('project',)}, {'sha': ('commit',)}, {'id': ('user',)})
    """
    said = _said(name)
    spoken = [word.text for word in said]
    asked = [(words(leaf.name), leaf.path) for leaf in inputs if leaf.required and not leaf.containers]
    taken: set[int] = set()
    found: dict[str, Phrase] = {}
    for parts, path in sorted(asked, key=lambda item: (-len(item[0]), item[1])):
        at = _place(spoken, parts, taken)
        if at is None:
            continue
        taken.update(range(at, at + len(parts)))
        before = _before(said, at, taken)
        if before and before != parts[:-1]:
            found[path] = before
    return found


def _said(name: str) -> list[_Word]:
    found: list[_Word] = []
    for raw in raw_words(name):
        parts = words(raw)
        found.extend(_Word(part, index == len(parts) - 1 and part != raw) for index, part in enumerate(parts))
    return found


def _place(spoken: Sequence[str], parts: Phrase, taken: set[int]) -> int | None:
    """Where the words of a field stand in the name, after its first word and free of other fields."""
    for at in range(1, len(spoken) - len(parts) + 1) if parts else ():
        span = range(at, at + len(parts))
        if tuple(spoken[at : at + len(parts)]) == parts and taken.isdisjoint(span):
            return at
    return None


def _before(said: Sequence[_Word], at: int, taken: set[int]) -> Phrase:
    """The noun phrase that ends before a place: a plural, or a noun and `by`."""
    end = at
    by = end > 0 and said[end - 1].text == "by"
    if by:
        end -= 1
    start = end
    while start > 0 and end - start < 3 and start - 1 not in taken and _noun(said[start - 1]):
        if start < end and said[start - 1].plural:
            break
        start -= 1
    if start == end or not (by or said[end - 1].plural):
        return ()
    return tuple(word.text for word in said[start:end])


def _noun(word: _Word) -> bool:
    plain = not word.text.isdigit() and len(word.text) > 1 and word.text not in _LINKS
    return plain and (word.plural or not is_verb(word.text))


_LINKS = frozenset("by for from to in of on with id and or the".split())

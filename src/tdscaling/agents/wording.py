"""Plain words for tools, parameters and values, in many shapes."""

import json
import re
from collections.abc import Sequence
from random import Random

from tdscaling.types import JsonValue, Tool
from tdscaling.values.generate import words

_VERBS = frozenset(
    "add append apply approve archive assign attach book cancel change check clear close commit compare "
    "convert copy count create delete describe diff display download edit execute export fetch filter "
    "find format generate get give import insert inspect link list load look make merge move open post "
    "publish query read record refund relate remove rename replace report reset resolve restore retrieve "
    "return run save search send set show sort start stop store submit summarize switch tag transform "
    "translate unlink unstage update upload validate view write".split()
)
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "show": ("show", "bring up", "pull up", "display", "let me see", "open up", "get me"),
    "get": ("get", "look up", "fetch", "find", "dig out", "tell me", "check"),
    "list": ("list", "give a list of", "go through", "run through", "name", "tell me"),
    "read": ("read", "pull up", "look at", "open", "go over"),
    "describe": ("describe", "give an overview of", "look at", "explain", "walk me through", "sum up"),
    "create": ("create", "set up", "add", "make", "start"),
    "add": ("add", "put in", "enter", "include"),
    "delete": ("delete", "remove", "get rid of", "drop"),
    "search": ("search", "look through", "comb through", "go hunting in"),
    "record": ("record", "save", "note down"),
    "switch": ("switch", "change", "move over"),
    "convert": ("convert", "translate", "work out"),
    "write": ("write", "put", "enter", "fill in"),
    "update": ("update", "change", "bring up to date"),
    "rename": ("rename", "give a new name to"),
    "copy": ("copy", "duplicate", "make a copy of"),
    "insert": ("insert", "put in", "slip in"),
    "append": ("append", "tack on", "add"),
    "export": ("export", "save out", "write out"),
    "execute": ("execute", "run"),
    "set": ("set", "put", "fix"),
    "move": ("move", "shift", "bring"),
    "book": ("book", "arrange", "order"),
    "check": ("check", "look into", "verify"),
    "count": ("count", "tally"),
    "merge": ("merge", "join", "combine"),
    "format": ("format", "tidy up", "style"),
    "sort": ("sort", "put in order"),
    "save": ("save", "keep", "store"),
}
_CUT = re.compile(r"[.;:(\n`]|, (?:or|e\.g|like|as|with|overwriting)\b| — | - |\bin Excel\b")
_VAGUE = re.compile(
    r"(?:\s+(?:for|of|by|with|in|from|to|at)(?: an?| the)?)? (?:specific|given|specified|certain|particular|optional)"
    r"(?: \w+){1,3}$|\s+by (?:id|name|key)$",
    re.IGNORECASE,
)
"""What a description says of its parameters, and a person leaves out."""
_IDENTIFIER = re.compile(r"\b\w+_\w+\b|<[^>]*>")
_NOT_SAID = frozenset("the a an to of in for from by on with and or all".split())


def action(tool: Tool) -> str:
    """What a tool does, as an imperative a person would use: from its description, else from its name.

    >>> action(Tool(server="git", name="git_log", description="Shows the commit logs"))
    'show the commit logs'
    >>> action(Tool(server="x", name="describe_sheet", description="Start here: a sheet's ranges"))
    'describe the sheet'
    """
    first = _VAGUE.sub("", _CUT.split(tool.description.strip(), maxsplit=1)[0].strip())
    said = first.split()
    if 2 <= len(said) <= 12 and first.lower() != "start here" and not _IDENTIFIER.search(first):
        verb = imperative(said[0])
        if verb is not None:
            return " ".join([verb, *said[1:]])
    parts = [part for part in words(tool.name) if part not in words(tool.server)] or list(words(tool.name))
    verbs = [part for part in parts if part in _VERBS]
    verb = verbs[0] if verbs else "look up"
    nouns = [part for part in parts if part != verb]
    if not nouns:
        return f"{verb} in {' '.join(words(tool.server)) or 'it'}" if verbs else "look that up"
    article = "" if nouns[-1].endswith("s") else "the "
    return f"{verb} {article}{' '.join(nouns)}"


def imperative(word: str) -> str | None:
    """The base form of a verb in the third person or imperative, None when it is no verb we know.

    >>> [imperative(w) for w in ("Shows", "Switches", "Get", "Start")]
    ['show', 'switch', 'get', 'start']
    """
    low = word.lower()
    for base in (low, low.removesuffix("s"), low.removesuffix("es"), low.removesuffix("ies") + "y"):
        if base in _VERBS:
            return base
    return None


def vary(phrase: str, rng: Random) -> str:
    """The phrase with its verb in other words, sometimes.

    >>> vary("show the logs", Random(0))
    'get me the logs'
    """
    verb, _, rest = phrase.partition(" ")
    options = _SYNONYMS.get(verb)
    return f"{rng.choice(options)} {rest}" if options else phrase


def label(name: str) -> str:
    """How people call a parameter or a field.

    >>> label("repo_path"), label("records[].Commit"), label("branchName")
    ('repo path', 'commit', 'branch name')
    """
    last = name.rpartition(".")[2]
    said = " ".join(words(last.replace("[]", ""))) or "value"
    return said[:-1] if last.endswith("[]") and said.endswith("s") and len(said) > 3 else said


def noun(name: str) -> str:
    """The thing a parameter names: its label without `name`, `id` and the like.

    >>> noun("branch_name"), noun("sheet"), noun("id")
    ('branch', 'sheet', 'entry')
    """
    parts = [part for part in words(name) if part not in ("name", "id", "key", "path", "target", "uuid", "number")]
    return " ".join(parts) or "entry"


def spoken(value: JsonValue) -> str:
    """A value as a person writes it into a message.

    >>> spoken("fix/totals"), spoken(["a", "b"]), spoken(3), spoken([["x", 1]])
    ('fix/totals', 'a and b', '3', '[["x", 1]]')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and value and all(isinstance(item, str | int | float) for item in value):
        return enumeration([str(item) for item in value])
    return json.dumps(value, ensure_ascii=False)


def enumeration(items: Sequence[str]) -> str:
    """
    >>> enumeration(["a", "b", "c"])
    'a, b and c'
    """
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def quoted(value: JsonValue, rng: Random) -> str:
    """A value set off from the sentence, or not where it reads well without."""
    text = spoken(value)
    if isinstance(value, list | tuple) or re.fullmatch(r"[\w./:+-]+", text):
        return text if rng.random() < 0.5 or isinstance(value, list | tuple) else f'"{text}"'
    return rng.choice((f'"{text}"', f"“{text}”", f"'{text}'" if "'" not in text else f'"{text}"'))


def detail(name: str, value: JsonValue, rng: Random) -> str:
    """A value with its label, as an addition to a request."""
    said = quoted(value, rng)
    verb = "are" if name.endswith("s") and not name.endswith("ss") else "is"
    forms = (
        f"{name} {said}",
        f"{name}: {said}",
        f"use {said} as the {name}",
        f"the {name} {verb} {said}",
        f"with {said} as the {name}",
        f"take {said} for the {name}",
        f"I mean the {name} {said}",
    )
    return rng.choice(forms)


def sentence(text: str) -> str:
    """Upper case first, one full stop or question mark last.

    >>> sentence("all done"), sentence("ok?")
    ('All done.', 'Ok?')
    """
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def content_words(text: str) -> set[str]:
    return set(words(text)) - _NOT_SAID

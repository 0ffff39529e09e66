"""What a tool does and the thing it is about, in the words of somebody who asks for it."""

import re
from collections.abc import Sequence
from functools import lru_cache

from tdscaling.agents.deeds import MAKES, imperative
from tdscaling.agents.naming_words import DANGLING, DETERMINED, EMPTY, ENDING_A_NAME, SEARCHED
from tdscaling.agents.plurals import UNCOUNTED, plural
from tdscaling.semantics.verbs import Role, verbal
from tdscaling.semantics.words import singular
from tdscaling.types import Tool
from tdscaling.values.generate import words

_ASKED: dict[Role, str] = {
    "auth": "log in to", "create": "create", "list": "list", "search": "search for", "get": "look up",
    "update": "update", "act": "run", "delete": "delete",
}  # fmt: skip
_OF_A_READER = frozenset("return get retrieve fetch obtain provide give read load lookup query see display".split())
"""Verbs that say no more of a reading tool than that it reads: a person looks up, or wants a list."""
_NAMES_NO_DEED = _OF_A_READER | frozenset("post put patch list index log search find view show check order".split())
_LEAD = re.compile(
    r"^(?:\W*\[[^\]]*\]|\W*\([^)]*\)|\W*\*\*[^*]*\*\*|deprecated|beta"
    r"|(?:this|the|use this|an?) (?:\w+ )?(?:tool|endpoint|operation|method|api|call|function|request|resource)"
    r"(?: (?:is )?used)?(?: (?:allows?|lets?|enables?) you)?(?: to| will| can)?"
    r"|(?:allows?|lets?|enables?) (?:you |users? )?to|used to|api to|endpoint to|\W)+\s*",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[;:(\n`–—,]|\.(?=\s|$)| - |\bin Excel\b|\s(?:using|based on|given|matching|match|so|via|through|including"
    r"|along|as well|without|containing|by|(?:from|with|for|in|to|at|on|of) (?:an? )?optional|identified|specified"
    r"|associated|belonging"
    r"|related|filtered|sorted|according|into one|as (?:an? )?(?:json|text|list|markdown|csv|string|pdf|html)|like"
    r"|for use|visible|available|accessible|returned|(?:you|they|he) (?:have|has|can|are)"
    r"|in (?:the )?(?:request|body|system|database|order to)|and (?:returns?|its|their|all|optionally|other))\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\s(?:that|which|who|whose|where|when|if)\b", re.IGNORECASE)
_OF_PARAMETERS = re.compile(r"match|meet|specif|provid|given|\byou\b|request|criteria|satisf", re.IGNORECASE)
_RELATIVE = frozenset("that which who whose where when if".split())
_LISTED = re.compile(
    r"^(?:an? |the )?(?:\w+ )?(?:list|array|collection|page|set)(?:ing)? of (?:all )?(?:of )?(?:the )?"
)
_CHOSEN = re.compile(
    r"\b(?:(an?|the|one|any) )?(?:specific|given|specified|certain|particular|existing|single|individual|provided"
    r"|requested|desired|supplied|named|corresponding|passed|current user's|authenticated user's|user defined) ",
    re.IGNORECASE,
)
_KEYED = re.compile(
    r"\s+(?:for|of|with|in|from|to|at|on) (?:(?:an?|the|its|their|your|it's) )?(?:unique )?"
    r"(?:ids?|uuid|guid|gid|name|key|slug|identifiers?|parameters?|criteria|options?|filters?|query"
    r"|(?:account )?context)$",
    re.IGNORECASE,
)
_OTHER_VERB = re.compile(r"^(?:and/or|or|and|/) ?[\w-]+ |^for (?=an? |the )")
_ALSO_NOUNS = frozenset(
    "tag order post record report label set rate group note index test update view log place type play press click "
    "scroll sign bookmark favorite favourite boost silence".split()
)
"""Verbs that at the start of a reading tool's description are its nouns: "Tags featured by this account"."""
_CHANGES = frozenset("create add delete remove update modify edit replace".split())
"""Verbs that a reading tool's description can only have by mistake."""
_ODD = re.compile(r"[^A-Za-z' -]|\b[a-z]+[A-Z]|--|\b[A-Z]{6,}\b")
_LINKS = re.compile(r"\s(?:of|for|to|in|from|by|on|with|and|or|at|into|about|between|per|within|under)\s")
_LONGEST = 9
_FEW_NOUN_WORDS = 3
_READING: tuple[Role, ...] = ("get", "list", "search")


@lru_cache(maxsize=4096)
def action(tool: Tool) -> str:
    """What a tool does, as an imperative a person would use: from its description where that names the thing, else
    from its name.

    >>> action(Tool(server="git", name="git_log", description="Shows the commit logs"))
    'show the commit logs'
    >>> action(Tool(server="clever", name="getSchoolAdmin", description="Returns a specific school admin"))
    'look up the school admin'
    >>> action(Tool(server="x", name="describe_sheet", description="Start here: a sheet's ranges"))
    'describe the sheet'
    """
    return _described(tool) or _named(tool)


@lru_cache(maxsize=4096)
def thing(tool: Tool) -> str:
    """What the tool is about, in the singular; "entry" where nothing says.

    >>> thing(Tool(server="clever", name="getDistrictAdmins")), thing(Tool(server="x", name="list"))
    ('district admin', 'entry')
    """
    said = _described(tool) or ""
    objects = re.sub(r"^(?:look up|search for|[\w-]+) ", "", said)
    for part in _LINKS.split(f" {objects} "):
        if named := _named_in(part):
            return " ".join([*named[:-1], singular(named[-1])][-_FEW_NOUN_WORDS:])
    return _noun(tool) or "entry"


def _named_in(part: str) -> list[str]:
    """The words of a noun phrase that name a thing."""
    named: list[str] = []
    for word in part.split():
        if named and (word.endswith("ed") or word in DANGLING or word in _RELATIVE):
            break
        if (named or word.lower() not in DETERMINED | DANGLING | {"new"}) and not word.endswith("'s"):
            named.append(word)
    while named and named[-1].lower() in EMPTY - ENDING_A_NAME:
        named.pop()
    return named if _names_a_thing(" ".join(named)) else []


def result(tool: Tool) -> str:
    """What a result of the tool is about: a thing, or many.

    >>> result(Tool(server="clever", name="getDistrictAdmins")), result(Tool(server="clever", name="getDistrictAdmin"))
    ('district admins', 'district admin')
    """
    said = _described(tool)
    many = said.startswith(("list ", "search for ")) if said else _lists(tool)
    return plural(thing(tool)) if many else thing(tool)


def _described(tool: Tool) -> str | None:
    """The first clause of the description as a request; None where it has no verb, or names no thing."""
    text = _LEAD.sub("", tool.description.strip()[:300])
    first = _CUT.split(text, maxsplit=1)[0].strip()
    short = _CLAUSE.split(first, maxsplit=1)[0]
    first = short if len(first.split()) > _LONGEST or _OF_PARAMETERS.search(first.removeprefix(short)) else first
    if first.lower() == "start here" or not first:
        return None
    verb = imperative(first.split()[0])
    rest = first.partition(" ")[2].strip()
    if verb is None or _ODD.search(rest):
        return None
    role = verbal(tool).role
    named = words(tool.name)
    if verb in _ALSO_NOUNS and (role in _READING or verb not in named):
        return None
    if role in _READING and verb in _CHANGES and _CHANGES.isdisjoint(named):
        return None
    verb = "look up" if verb == "search" and role in _READING and "search" not in named else verb
    rest, several = _without_list(_plain_case(_OTHER_VERB.sub("", rest)), verb)
    rest = _plain_case(_trimmed(_KEYED.sub("", _CHOSEN.sub(_article, rest))))
    if not _names_a_thing(rest) or len(rest.split()) > _LONGEST or (tool.name in rest and not tool.name.islower()):
        return None
    if verb in _OF_A_READER or verb == "look up":
        many = several or (role in ("list", "search") and _many(rest))
        verb = "list" if many and _head(rest) not in EMPTY else "look up"
    if verb == "search" and not rest.startswith(SEARCHED):
        verb = "search for"
    if verb in ("look", "log", "roll"):
        return f"{verb} {rest}"
    return f"{verb} {_determined(rest, verb, role)}"


def _without_list(rest: str, verb: str) -> tuple[str, bool]:
    """The object without "a list of", and whether it had that."""
    if verb not in _OF_A_READER | {"list", "show", "find"}:
        return rest, False
    short = _LISTED.sub("", rest)
    return short, short != rest


def _plain_case(text: str) -> str:
    """Text in Title Case as it stands within a sentence; names in other text keep their capitals.

    >>> _plain_case("User's Saved Tracks for SKU"), _plain_case("the tracks of a Spotify user")
    ("user's saved tracks for SKU", 'the tracks of a Spotify user')
    """
    found = text.split()
    if any(word[0].islower() and word not in DANGLING for word in found):
        return text
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in found)


def _article(match: re.Match[str]) -> str:
    return "the " if match[1] else ""


def _trimmed(text: str) -> str:
    """Without what ends in nothing: "users in the" becomes "users"."""
    found = text.split()
    while found and found[-1].lower() in DANGLING:
        found.pop()
    return " ".join(found)


def _names_a_thing(text: str) -> bool:
    return any(word.lower() not in EMPTY for word in text.split())


def _head(text: str) -> str:
    """The last word of the first noun phrase."""
    return (_LINKS.split(f" {text} ", maxsplit=1)[0].split() or [""])[-1].lower()


def _many(text: str) -> bool:
    head = _head(text)
    return singular(head) != head or text.lower().startswith("all ")


def _determined(text: str, verb: str, role: Role) -> str:
    """The object with the article that it needs: the one that is meant, or a new one."""
    first, _, rest = text.partition(" ")
    low = first.lower()
    makes = role == "create" and verb not in ("look up", "get", "list", "show")
    if low in ("a", "an") and not makes and role in ("get", "update", "delete", "list"):
        return f"the {rest}" if rest else text
    if low.endswith(("'s", "s'")) and not low.startswith(("today", "yesterday")):
        return f"the {text}"
    if low in DETERMINED or _many(text) or low.endswith("ing") or first[:1].isupper() or _head(text) in UNCOUNTED:
        return text
    return f"{_an(first)} {text}" if makes else f"the {text}"


def _an(word: str) -> str:
    return "an" if word[:1].lower() in "aeio" else "a"


def _noun(tool: Tool) -> str:
    if part := _part(tool):
        return " ".join([*part[:-1], singular(part[-1])][-_FEW_NOUN_WORDS:])
    found = list(verbal(tool).noun)
    if found in ([], ["entry"]):
        return _titled(tool)
    return _own_words(tool, found)


def _own_words(tool: Tool, found: Sequence[str]) -> str:
    """A noun without the words that all names of its server share."""
    about, rest = set(words(tool.server)) | {"api"}, list(found)
    while len(rest) > 1 and (rest[0] in about or rest[0] in rest[1:]):
        rest.pop(0)
    return " ".join(rest[-_FEW_NOUN_WORDS:])


def _titled(tool: Tool) -> str:
    """The thing that a short title in the description names ("Event Search. Finds events..."), or ""."""
    title = _CUT.split(tool.description.strip()[:80], maxsplit=1)[0]
    named = [word for word in _plain_case(title).split() if word.lower() not in EMPTY and imperative(word) is None]
    return " ".join([*named[:-1], singular(named[-1])]) if named and len(named) < 3 and not _ODD.search(title) else ""


def _named(tool: Tool) -> str:
    """The request that a tool's name makes."""
    read = verbal(tool)
    verb, deed = _verb(tool, read.role)
    noun = _noun(tool).removeprefix(f"{deed} ")
    if not noun or noun == deed:
        place = " ".join(words(tool.server))
        return f"{verb} {'the entries' if read.role in _READING else 'an entry'}{f' in {place}' if place else ''}"
    many = _lists(tool)
    verb = _ASKED["get"] if read.role == "list" and not many else verb
    text = f"{verb} {plural(noun)}" if many else f"{verb} {_an(noun) if verb in MAKES else 'the'} {noun}"
    if _part(tool):
        return f"{text} of the {_own_words(tool, read.noun)}"
    of = " ".join(read.of[-_FEW_NOUN_WORDS:])
    return f"{text} of the {of}" if of and of != noun and read.role in ("get", "list") else text


def _part(tool: Tool) -> tuple[str, ...]:
    """What a tool is about that belongs to a thing named before it; () where that is a deed, or nothing.

    >>> [_part(Tool(server="x", name=f"post_accounts_by_id{rest}")) for rest in ("_private_note", "_mute", "")]
    [('private', 'note'), (), ()]
    """
    found = words(tool.name)
    key = next((place for place, word in enumerate(found[:-1]) if word == "by" and found[place + 1] == "id"), None)
    rest = found[key + 2 :] if key is not None and verbal(tool).noun != ("entry",) else ()
    rest = rest[: rest.index("by")] if "by" in rest[1:-1] else rest
    return () if not rest or rest[-1] == "by" or imperative(rest[0]) or rest == verbal(tool).noun else rest


def _lists(tool: Tool) -> bool:
    role = verbal(tool).role
    return role == "search" or (role == "list" and not _of_one(tool))


def _of_one(tool: Tool) -> bool:
    """Whether a tool's name ends in what names one thing.

    >>> [_of_one(Tool(server="x", name=name)) for name in ("get_cards_by_id", "listCardsByTeamId", "get_cards")]
    [True, False, False]
    """
    ending = words(tool.name)[-2:]
    return ending[0] == "by" and ending[-1] in ("id", "uuid", "key", "name", "slug", "number", "code")


def _verb(tool: Tool, role: Role) -> tuple[str, str]:
    """The verb of the name where it says more than the role does, else the role's; and the word of the name."""
    found = words(tool.name)
    noun = verbal(tool).noun
    links = [place for place, word in enumerate(found) if place and word in ("to", "for", "from", "of", "in", "on")]
    part = _part(tool)
    for place, word in enumerate(found[: links[0] if links else None]):
        base = imperative(word) if word not in part else None
        if base is not None and base not in _NAMES_NO_DEED and (place == 0 or singular(word) not in noun):
            return base, word
    return _ASKED[role], ""

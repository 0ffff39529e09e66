"""Leaf fields read as (entity, attribute): `data[].id` of `list_customers` is the id of a customer."""

import re
from typing import NamedTuple

from tdscaling.semantics.schema import SchemaLeaf
from tdscaling.semantics.words import text_words, words

Phrase = tuple[str, ...]

_KIND_OF: dict[str, str] = {}
for _kind, _members in {
    "id": "id uuid guid sid key number no slug hash sha arn handle code token reference ref urn gid uid pid oid tid "
    "cid identity pk address 编号 标识 代码 号",
    "name": "name title login label 名称 标题 名",
    "path": "path file url uri link href location directory folder endpoint filepath 路径",
    "email": "email mail phone",
    "time": "date time datetime timestamp at 日期 时间 day",
}.items():
    for _member in _members.split():
        _KIND_OF[_member] = _kind

GENERIC = frozenset(
    "limit offset page size per count total sort order by direction query q search filter format type status state "
    "description content text message body value data result success error code status cursor next previous "
    "start end from to since until before after field include exclude expand option metadata tag version created "
    "updated modified at date time timestamp enabled active verbose force locale language lang currency "
    "amount price quantity width height color title note comment summary max min top k n number mode level "
    "response item object kind self href url link embed envelope page_token pretty callback alt fields key token "
    "access api auth "
    "authorization secret password username locale user_agent accept header request session idempotency "
    "raw id name index row column position priority reason action event output input parameter argument args config "
    "setting flag has is debug timeout retry step unit rate score depth recursive dry run".split()
)
"""Words that name a role of a value, not an entity: alone they link nothing."""

CONTAINERS = frozenset(
    "data result results response items item object objects list value values records record entries entry body "
    "payload "
    "attributes attribute content contents output properties node nodes edges edge embedded collection resource "
    "resources elements element rows row hits meta info details detail root document 200 json body_ parameters "
    "request_body input args arguments params filter options option query spec metadata".split()
)


class Field(NamedTuple):
    """A leaf field with what it means.

    `entity` is the phrase of the thing it belongs to ("pull request"), empty if unknown; `kind` what it says of
    it ("id", "name", "path", "email", "time", "" for the thing itself, or the attribute word). `own` means that
    the entity was taken from the tool's noun, `depth` is the number of containers. `also` is another name
    of the entity: that of the schema component.
    """

    path: str
    name: str
    words: Phrase
    entity: Phrase
    kind: str
    own: bool
    depth: int
    type: str
    format: str
    enum: bool
    required: bool
    description: str
    also: Phrase = ()

    @property
    def head(self) -> str:
        return self.entity[-1] if self.entity else ""


def read(leaf: SchemaLeaf, noun: Phrase, hint: Phrase = ()) -> Field:
    """Reads one leaf of a tool whose noun phrase is `noun`; `hint` is the entity that the tool's name gives it.

    >>> leaf = SchemaLeaf("data[].id", "id", ("data",), "string", "", False, False, "")
    >>> field = read(leaf, ("customer",)); field.entity, field.kind, field.own
    (('customer',), 'id', True)
    """
    parts = words(leaf.name)
    entity, kind = split(parts)
    own = False
    also: Phrase = hint if entity and hint and hint != entity else ()
    if not entity and leaf.required and kind in _KEYS and leaf.type in ("string", "integer", "number", ""):
        kind = "id"
    if parts == ("path",) and not (leaf.containers or hint or described(leaf.description)):
        entity, kind = ("file",), "path"
    if not entity and leaf.required and kind in _THINGS and leaf.type in ("string", "integer", "number", ""):
        entity, kind = parts, ""
    if not entity and hint and not leaf.containers:
        entity, own, also = hint, hint == noun, described(leaf.description)
    if not entity:
        entity, own = _owner(leaf.containers, noun)
        also = described(leaf.description) if own else ()
        also = also or component(leaf.component) or (parts[:1] if len(parts) > 1 and parts[0] == "item" else ())
        if own and also and noun and also[-1] == noun[-1] and len(also) > len(entity):
            entity, also = also, entity
    return Field(
        leaf.path, leaf.name, parts, entity, kind, own, len(leaf.containers), leaf.type, leaf.format, leaf.enum,
        leaf.required, leaf.description, also if also != entity else (),
    )  # fmt: skip


_ID_OF = re.compile(
    r"\b(?:ids?|identifiers?|uuid|guid|names?|keys?|numbers?|slug|sid|index|uid|username|login|sha|hash|code|handle)\b[^.,;:]{0,12}?"
    r"\b(?:of|for)\s+(?:(?:the|an?|this|your)\s+)?"
    r"((?:[A-Za-z]+[ _-]?){1,3})",
    re.IGNORECASE,
)
_ITS_ID = re.compile(r"\b((?:[A-Za-z]+[ _-]){1,2})(?:id|ids|identifier|uuid|guid|sid)\b", re.IGNORECASE)


def described(text: str) -> Phrase:
    """The entity that a description gives to an identifier, () for none.

    >>> described("The ID of the customer to fetch."), described("Unique project identifier")
    (('customer',), ('project',))
    """
    match = _ID_OF.search(text) or _ITS_ID.search(text)
    if match is None:
        return ()
    found: list[str] = []
    for word in text_words(match[1]):
        if word in GENERIC or word in _NOT_NOUNS or len(word) < 2:
            if found:
                break
            continue
        found.append(word)
    return tuple(found[:2]) if match.re is _ID_OF else tuple(found[-2:])


_NOT_NOUNS = frozenset(
    "page collection unique globally numeric specific desired target valid get retrieve fetch update delete create "
    "which want whose who where resource record entity object describe thing given parent related associated existing "
    "internal external string integer optional required newly".split()
)

_WRAPPERS = frozenset(
    "response request dto model list output input object schema resource entity base compact full simple detailed "
    "detail result page paginated collection item data read write create update view summary minimal public private "
    "payload body api rest record envelope wrapper v1 v2 v3 v4 v5 v6 v7 v8 v9 v gen type info information properties "
    "attributes get post".split()
)


_KEYS = frozenset(("index", "iid", "login", "ip", "position"))
"""Words that tell one thing from another where a tool can't do without them."""
_THINGS = frozenset(("order", "session", "event", "message", "comment", "tag", "version", "note", "report", "rule"))
"""Generic words that name a thing where a tool can't do without it."""


def component(name: str) -> Phrase:
    """The entity that a schema component's name speaks of.

    >>> component("PaginatedCustomerListResponse"), component("Response"), component("v2010.account.call")
    (('customer',), (), ('account', 'call'))
    """
    found = tuple(word for word in words(name) if word not in _WRAPPERS and not word.isdigit())
    return found[-3:]


def split(parts: Phrase) -> tuple[Phrase, str]:
    """The entity phrase and the attribute kind of a field name's words.

    >>> split(("pull", "request", "number")), split(("id",)), split(("branch",)), split(("file", "path"))
    ((('pull', 'request'), 'id'), ((), 'id'), (('branch',), ''), (('file',), 'path'))
    >>> split(("created", "at")), split(("page", "size")), split(("first", "name"))
    (((), 'created at'), ((), 'page size'), ((), 'first name'))
    """
    if "or" in parts:
        parts = parts[: parts.index("or")]
    if not parts:
        return (), ""
    last = parts[-1]
    kind = _KIND_OF.get(last)
    if kind is None:
        return ((), " ".join(parts)) if _generic(parts) else (parts, "")
    head = parts[:-1]
    while head and head[-1] in _KIND_OF and len(head) > 1:
        head = head[:-1]
    if len(head) == 1 and head[0] in _ANY:
        return ((last,), "") if last == "address" else ((), kind)
    if not head:
        return ((last,), "path") if last in ("file", "directory", "folder") else ((), kind)
    if _generic(head) and not (last in _SURE and head[-1] not in _NO_OWNERS):
        return (), " ".join(parts)
    if len(head) == 1 and head[0] in _NO_OWNERS:
        return (), " ".join(parts)
    return head, kind


_SURE = frozenset(("id", "uuid", "guid", "sid", "gid", "slug", "hash", "name"))
_ANY = frozenset("resource item object record entity element from to source target origin destination other".split())
"""Words that stand for whatever the tool is about."""
_NO_OWNERS = frozenset(
    "first last full middle display short long given family legal external internal unique client request correlation "
    "idempotency trace self raw public global parent previous next start end sort order_by max min "
    "access secret api auth session language time created updated modified by sub".split()
)
"""Words that say of an id or a name which one it is, not whose."""


def _generic(parts: Phrase) -> bool:
    return all(part in GENERIC or part.isdigit() for part in parts)


_IDENTIFYING = frozenset(("id", "name", "path", "email", ""))


def identifying(field: "Field") -> bool:
    """Whether a field's value identifies something."""
    return bool(field.entity) and field.kind in _IDENTIFYING and field.type not in ("boolean", "object")


def place(field: "Field") -> str:
    """What an identifying input asks for, the same in tools that ask for the same."""
    return field.name.lower() if not field.own else " ".join((*field.entity, field.kind))


def entities(field: "Field") -> tuple[Phrase, ...]:
    """The names of the entity that a field may belong to."""
    return (field.entity, field.also) if field.also else (field.entity,)


def container(field: "Field") -> Phrase:
    """The words of the nearest container that names a thing, () at the top.

    >>> leaf = SchemaLeaf("data.cards[].id", "id", ("data", "cards"), "string", "", False, False, "")
    >>> container(read(leaf, ("customer",)))
    ('card',)
    """
    return _owner(tuple(re.split(r"\.|\[\]\.?", field.path))[:-1], ())[0]


def clashing(one: str, two: str) -> bool:
    """Whether a value of one JSON type can't be given for another: numbers go for numbers, integers for texts too.

    >>> clashing("string", "boolean"), clashing("integer", "string"), clashing("array", "string")
    (True, False, False)
    """
    numbers = ("integer", "number")
    if not one or not two or one == two or "array" in (one, two):
        return False
    return not (one in numbers and two in numbers) and {one, two} != {"integer", "string"}


def _owner(containers: tuple[str, ...], noun: Phrase) -> tuple[Phrase, bool]:
    """The entity that holds an unnamed attribute: the nearest telling container, else the tool's noun."""
    for container in reversed(containers):
        if container.lower() in CONTAINERS:
            continue
        phrase = words(container)
        if phrase and not _generic(phrase):
            return phrase[:4], bool(noun) and phrase[-1] == noun[-1]
    return noun, True

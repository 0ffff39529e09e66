"""Leaf fields read as (entity, attribute): `data[].id` of `list_customers` is the id of a customer."""

from typing import NamedTuple

from tdscaling.graph.schema import SchemaLeaf
from tdscaling.graph.words import words

Phrase = tuple[str, ...]

_KIND_OF: dict[str, str] = {}
for _kind, _members in {
    "id": "id uuid guid sid key number no slug hash sha arn handle code token reference ref urn gid uid pid oid tid cid "
    "identity pk address 编号 标识 代码 号",
    "name": "name title login label 名称 标题 名",
    "path": "path file url uri link href location directory folder endpoint filepath 路径",
    "email": "email mail phone",
    "time": "date time datetime timestamp at timezone 日期 时间 day",
}.items():
    for _member in _members.split():
        _KIND_OF[_member] = _kind

GENERIC = frozenset(
    "limit offset page size per count total sort order by direction query q search filter format type status state "
    "description content text message body value data result success error code status cursor next previous "
    "start end from to since until before after field include exclude expand option metadata tag version created "
    "updated modified at date time timestamp enabled active verbose force locale language lang currency "
    "amount price quantity width height color title note comment summary max min top k n number mode level "
    "response item object kind self href url link embed envelope page_token pretty callback alt fields key token access api auth "
    "authorization secret password username locale user_agent accept header request session idempotency "
    "raw id name index row column position priority reason action event output input parameter argument args config "
    "setting flag has is debug timeout retry step unit rate score depth recursive dry run".split()
)
"""Words that name a role of a value, not an entity: alone they link nothing."""

CONTAINERS = frozenset(
    "data result results response items item object objects list value values records record entries entry body payload "
    "attributes attribute content contents output properties node nodes edges edge embedded collection resource "
    "resources elements element rows row hits meta info details detail root document 200 json body_ parameters "
    "request_body input args arguments params filter options option query spec metadata".split()
)


class Field(NamedTuple):
    """A leaf field with what it means.

    `entity` is the phrase of the thing it belongs to ("pull request"), empty if unknown; `kind` what it says of
    it ("id", "name", "path", "email", "time", "" for the thing itself, or the attribute word). `own` means that
    the entity was taken from the tool's noun, `depth` is the number of containers.
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

    @property
    def head(self) -> str:
        return self.entity[-1] if self.entity else ""


def read(leaf: SchemaLeaf, noun: Phrase) -> Field:
    """Reads one leaf of a tool whose noun phrase is `noun`.

    >>> leaf = SchemaLeaf("data[].id", "id", ("data",), "string", "", False, False, "")
    >>> field = read(leaf, ("customer",)); field.entity, field.kind, field.own
    (('customer',), 'id', True)
    """
    parts = words(leaf.name)
    entity, kind = split(parts)
    own = False
    depth = len(leaf.containers)
    if not entity:
        entity, own = _owner(leaf.containers, noun)
    return Field(
        leaf.path, leaf.name, parts, entity, kind, own, depth, leaf.type, leaf.format, leaf.enum, leaf.required,
        leaf.description,
    )  # fmt: skip


def split(parts: Phrase) -> tuple[Phrase, str]:
    """The entity phrase and the attribute kind of a field name's words.

    >>> split(("pull", "request", "number")), split(("id",)), split(("branch",)), split(("file", "path"))
    ((('pull', 'request'), 'id'), ((), 'id'), (('branch',), ''), (('file',), 'path'))
    >>> split(("created", "at")), split(("page", "size")), split(("first", "name"))
    (((), 'created at'), ((), 'page size'), ((), 'first name'))
    """
    if not parts:
        return (), ""
    last = parts[-1]
    kind = _KIND_OF.get(last)
    if kind is None:
        return ((), " ".join(parts)) if _generic(parts) else (parts, "")
    head = parts[:-1]
    while head and head[-1] in _KIND_OF and len(head) > 1:
        head = head[:-1]
    if not head:
        return ((last,), "path") if last in ("file", "directory", "folder") else ((), kind)
    if _generic(head) or head[0] in ("first", "last", "full", "middle"):
        return (), " ".join(parts)
    return head, kind


def _generic(parts: Phrase) -> bool:
    return all(part in GENERIC or part.isdigit() for part in parts)


def _owner(containers: tuple[str, ...], noun: Phrase) -> tuple[Phrase, bool]:
    """The entity that holds an unnamed attribute: the nearest telling container, else the tool's noun."""
    for container in reversed(containers):
        if container.lower() in CONTAINERS:
            continue
        phrase = words(container)
        if phrase and not _generic(phrase):
            return phrase[:4], bool(noun) and phrase[-1] == noun[-1]
    return noun, True

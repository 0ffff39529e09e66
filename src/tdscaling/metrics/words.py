"""What the name of a tool or of a field says: its verb, its nouns, whether it names an entity."""

import re
from functools import lru_cache

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

READ_VERBS = frozenset(
    "get list search find read fetch query show describe lookup look check view browse count retrieve inspect "
    "status log diff explain analyze analyse calculate compute convert compare validate verify preview estimate "
    "track peek stat info tree exists head tail grep glob cat ls select summarize summary detail details "
    "balance weather forecast translate resolve scan monitor poll history blame screenshot".split()
)
WRITE_VERBS = frozenset(
    "create add update delete remove set write edit insert append send post put patch make book reserve cancel "
    "order buy purchase pay transfer move rename copy upload commit push merge close open assign unassign approve "
    "reject submit publish schedule reschedule modify change replace upsert save store register enroll subscribe "
    "unsubscribe enable disable start stop restart deploy apply refund return exchange issue grant revoke reset "
    "archive restore invite reply comment mark tag untag import execute run init checkout stage unstage format "
    "withdraw deposit charge block unblock lock unlock activate deactivate release rebook upgrade downgrade redeem "
    "share link unlink attach detach notify email rate review log_in login logout revert stash clear fill place "
    "dispatch ship escalate resolve_ticket confirm accept decline extend renew top".split()
)
VERBS = READ_VERBS | WRITE_VERBS

_ENTITY = frozenset(
    "id ids key keys name names uuid guid code codes slug sku isbn sha hash path paths file files filename filepath "
    "url uri link email mail username login handle title symbol ticker iban branch tag ref reference repo repository "
    "dir directory folder phone host hostname sheet table bucket "
    "identifier number no serial plate user owner author assignee customer city country airport".split()
)
_NEVER_ENTITY = frozenset(
    "cursor token page offset limit count total amount price cost quantity qty balance size length date time "
    "timestamp "
    "at duration score rating percent percentage rate age year month day hour minute seconds status state type kind "
    "currency description message text content body comment note summary fee tax weight height width lat lon latitude "
    "longitude temperature unit units level priority version  bytes success ok error".split()
)
_PAGING = frozenset("cursor token page offset limit start skip after before per size".split())
_NEXT = _PAGING | frozenset("next link url uri run step key id".split())
_CODE = frozenset(
    "code command cmd script source snippet program python bash query sql body message content text html "
    "markdown note notes comment description expression formula".split()
)


@lru_cache(maxsize=16384)
def parts(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in snake, kebab or camel case.

    >>> parts("github__listOpenIssues"), parts("get_order_v2")
    (('github', 'list', 'open', 'issues'), ('get', 'order', 'v', '2'))
    """
    return tuple(part.lower() for part in _PARTS.findall(name))


@lru_cache(maxsize=16384)
def reads(name: str) -> bool:
    """Whether the verb of a tool's name is one that changes nothing; a name without a known verb is not read-only.

    >>> [reads(name) for name in ("get_order_status", "update_status", "git_log", "log_run", "check_out", "frobnicate")]
    [True, False, True, False, False, False]
    """
    words = parts(name)
    for position, word in enumerate(words):
        if word == "check" and words[position + 1 : position + 2] in (("out",), ("in",)):
            return False
        if word == "log" and position + 1 < len(words):
            return False
        if word in VERBS:
            return word in READ_VERBS
    return False


@lru_cache(maxsize=16384)
def acts(name: str) -> bool:
    """Whether the name of a tool has a verb that is known here.

    >>> acts("get_order"), acts("employee"), acts("frobnicate")
    (True, False, False)
    """
    return not VERBS.isdisjoint(parts(name))


@lru_cache(maxsize=16384)
def nouns(name: str) -> frozenset[str]:
    """The words of a name that are no verbs, in the singular.

    >>> sorted(nouns("list_open_orders"))
    ['order']
    """
    small = {"by", "of", "for", "to", "from", "in", "on", "the", "a", "all", "with", "and", "new", "my", "mcp", "api"}
    return frozenset(
        singular(word) for word in parts(name) if word not in VERBS and word not in small and len(word) > 1
    )


def singular(word: str) -> str:
    """A crude singular, enough to match names.

    >>> [singular(word) for word in ("orders", "categories", "status", "boxes")]
    ['order', 'category', 'status', 'box']
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


@lru_cache(maxsize=16384)
def names_entity(key: str) -> bool:
    """Whether a field of this name holds an identifier: id-, key- or name-typed, or selecting one entity.

    >>> [names_entity(key) for key in ("orderId", "path", "created_at", "next_cursor", "price", "Order number")]
    [True, True, False, False, False, True]
    """
    words = parts(key)
    return bool(words) and words[-1] in _ENTITY and not _NEVER_ENTITY.intersection(words[:-1] if len(words) > 1 else ())


@lru_cache(maxsize=16384)
def never_entity(key: str) -> bool:
    """Whether a field of this name holds a cursor, an amount, a time or other plain attribute.

    >>> [never_entity(key) for key in ("next_cursor", "created_at", "total", "colour")]
    [True, True, True, False]
    """
    words = parts(key)
    if not words or (words[0] == "next" and words[-1] in _NEXT):
        return bool(words)
    return words[-1] in _NEVER_ENTITY or words[0] in ("created", "updated")


@lru_cache(maxsize=16384)
def pages(key: str) -> bool:
    """Whether an argument of this name asks for the next part of a list.

    >>> pages("page"), pages("page_token"), pages("city")
    (True, True, False)
    """
    words = parts(key)
    return bool(words) and (words[-1] in _PAGING or words[0] in ("page", "cursor", "offset"))


@lru_cache(maxsize=16384)
def holds_text(key: str) -> bool:
    """Whether an argument of this name is code or prose whatever its length.

    >>> holds_text("command"), holds_text("city")
    (True, False)
    """
    words = parts(key)
    return bool(words) and words[-1] in _CODE

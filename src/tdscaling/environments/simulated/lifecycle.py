"""Life cycles: states from an enum, moves from verbs, and what a verb may start from."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from tdscaling.environments.simulated.model import Entity, Lifecycle, Move
from tdscaling.types import JsonValue

STATE_FIELDS = ("status", "stage", "phase", "workflow state", "order status")

_LEADS: dict[str, tuple[str, ...]] = {
    "approve": ("approved", "accepted"), "reject": ("rejected", "declined", "denied"), "cancel": ("cancelled",),
    "close": ("closed", "done", "resolved"), "reopen": ("open", "reopened", "active"), "open": ("open",),
    "resolve": ("resolved", "closed"), "archive": ("archived",), "unarchive": ("active", "open"),
    "activate": ("active", "enabled"), "deactivate": ("inactive", "disabled", "deactivated"),
    "enable": ("enabled", "active"), "disable": ("disabled", "inactive"), "pause": ("paused",),
    "resume": ("active", "running"), "suspend": ("suspended", "inactive"), "unsuspend": ("active",),
    "start": ("running", "started", "in progress", "active"), "stop": ("stopped", "inactive"),
    "complete": ("completed", "done"), "finish": ("finished", "done", "completed"), "confirm": ("confirmed",),
    "publish": ("published", "active"), "unpublish": ("draft", "unpublished"), "ship": ("shipped",),
    "deliver": ("delivered",), "refund": ("refunded",), "pay": ("paid",), "capture": ("captured", "succeeded"),
    "void": ("voided", "void"), "lock": ("locked",), "unlock": ("active", "unlocked"), "accept": ("accepted",),
    "decline": ("declined", "rejected"), "submit": ("submitted", "pending"), "merge": ("merged", "closed"),
    "send": ("sent", "authorised"), "revoke": ("revoked",), "expire": ("expired",), "fulfill": ("fulfilled",),
    "restore": ("active",), "terminate": ("terminated", "stopped"), "hold": ("on hold",), "release": ("released",),
    "finalize": ("finalized", "open"), "block": ("blocked",), "unblock": ("active",), "mute": ("muted",),
    "unmute": ("active",), "ban": ("banned",), "unban": ("active",), "deploy": ("deployed",), "abort": ("aborted",),
    "retry": ("pending", "running"), "restart": ("running", "active"), "reboot": ("running", "active"),
    "verify": ("verified",), "return": ("returned",), "checkout": ("checked out",), "checkin": ("checked in",),
    "sign": ("signed",), "favorite": ("favorite",), "pin": ("pinned",), "unpin": ("active",), "escalate":
    ("escalated",),
    "acknowledge": ("acknowledged",), "snooze": ("snoozed",), "power": ("running",), "shutdown": ("stopped", "off"),
    "connect": ("connected",), "disconnect": ("disconnected",), "trash": ("trashed",), "untrash": ("active",),
}  # fmt: skip
_FROM: dict[str, tuple[str, ...]] = {
    "reopen": ("closed", "resolved", "done", "completed", "cancelled"), "resume": ("paused", "suspended", "stopped"),
    "unarchive": ("archived",), "unlock": ("locked",), "unsuspend": ("suspended",), "unblock": ("blocked",),
    "unmute": ("muted",), "unban": ("banned",), "unpin": ("pinned",), "untrash": ("trashed",),
    "restore": ("archived", "deleted", "trashed", "cancelled"), "unpublish": ("published", "active"),
    "refund": ("paid", "captured", "completed", "succeeded", "settled", "fulfilled", "shipped", "delivered"),
    "deliver": ("shipped", "in transit"), "activate": ("inactive", "disabled", "draft", "pending", "deactivated",
                                                       "created", "suspended"),
    "retry": ("failed", "error", "cancelled"), "release": ("on hold",), "return": ("checked out", "delivered"),
}  # fmt: skip
_FINAL = frozenset(
    "cancelled canceled voided void refunded rejected declined deleted archived expired terminated revoked merged "
    "closed completed finished done aborted failed".split()
)
_THINGS_TOO = ("release", "return")
"""Steps that are as often things, which a path creates."""
_INITIAL = (
    "draft",
    "pending",
    "new",
    "open",
    "created",
    "todo",
    "to do",
    "active",
    "submitted",
    "queued",
    "inprogress",
)


def lifecycle(field: str, states: Sequence[JsonValue], verbs: Iterable[str]) -> Lifecycle | None:
    """The life cycle of an entity whose `field` takes `states` (none: they follow from the verbs); None where
    there are neither states nor verbs that move.

    >>> cycle = lifecycle("status", ("OPEN", "CLOSED"), ["close", "reopen"])
    >>> cycle.initial, cycle.moves["reopen"]
    ('OPEN', Move(to='OPEN', sources=('CLOSED',)))
    """
    known = sorted({verb for verb in verbs if verb in _LEADS})
    found = list(states)
    if len(found) < 2 and not known:
        return None
    if not found:
        found = ["active" if {"enable", "activate", "pause", "resume", "archive"} & set(known) else "open"]
    initial = next((state for name in _INITIAL for state in found if _plain(state) == _plain(name)), found[0])
    moves: dict[str, Move] = {}
    for verb in known:
        to = _match(_LEADS[verb], found)
        if to is None and not states:
            to = _LEADS[verb][0]
            found.append(to)
        if to is not None:
            moves[verb] = Move(to=to)
    for verb, move in moves.items():
        sources = tuple(s for s in found if _plain(s) in {_plain(x) for x in _FROM.get(verb, ())} and s != move.to)
        moves[verb] = Move(to=move.to, sources=sources)
    final = tuple(state for state in found if _plain(state) in _FINAL_PLAIN and state != initial)
    return Lifecycle(field=field, states=tuple(found), initial=initial, final=final, moves=moves)


def may_move(entity: Entity, verb: str, record: Mapping[str, JsonValue]) -> bool:
    """Whether a verb of the entity's life cycle leads a record from where it is to another state."""
    cycle = entity.lifecycle
    if cycle is None or verb not in cycle.moves:
        return False
    move, now = cycle.moves[verb], record.get(cycle.field)
    return now != move.to and (now in move.sources if move.sources else now not in cycle.final)


def moves_state(verb: str) -> bool:
    """Whether a verb names a step of a life cycle."""
    return verb in _LEADS


def is_step(segment: str, method: str) -> bool:
    """Whether the last part of a path is what happens to the thing before it, though no tool is known by such a verb.

    >>> [is_step(*told) for told in (("void", "POST"), ("lock", "DELETE"), ("release", "POST"), ("lines", "POST"))]
    [True, False, False, False]
    """
    return method.upper() in ("POST", "PUT", "PATCH") and moves_state(segment) and segment not in _THINGS_TOO


def _plain(state: JsonValue) -> str:
    text = "".join(char for char in str(state).lower() if char.isalpha())
    return text.replace("canceled", "cancelled").removeprefix("status").removeprefix("state")


_FINAL_PLAIN = frozenset(_plain(word) for word in _FINAL)


def _match(wanted: Sequence[str], states: Sequence[JsonValue]) -> JsonValue | None:
    """The state that a verb leads to: by name, else one that is spelt nearly so."""
    for name in wanted:
        for state in states:
            if _plain(state) == _plain(name):
                return state
    for name in wanted[:1]:
        for state in states:
            if SequenceMatcher(None, _plain(state), _plain(name)).ratio() > 0.84:
                return state
    return None

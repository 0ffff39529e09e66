"""One place where a detector saw its mode."""

from dataclasses import dataclass

from tdscaling.metrics.trace import Action
from tdscaling.types import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeHit:
    """`message` is the index of the assistant message; `call_id` and `action` (the number of the call in the
    dialogue, from 0) are None where the mode is not of one call."""

    mode: Mode
    message: int
    call_id: str | None = None
    action: int | None = None
    reason: str = ""


def of_action(mode: Mode, action: Action, reason: str) -> ModeHit:
    return ModeHit(mode=mode, message=action.message, call_id=action.call.id, action=action.ordinal, reason=reason)

"""What part of a mixture a dialogue belongs to: business, computational, or pure code. Read from its calls alone."""

from tdscaling.metrics.trace import is_interpreter
from tdscaling.types import Dialogue

PARTS = ("business", "computational", "code")


def part_of(dialogue: Dialogue) -> str:
    """`code` when more than half of the calls run code (in an interpreter or a shell), `computational` when some do,
    else `business`.

    By hand: one of two calls runs code, that is not more than half.

    >>> from tdscaling.types import Message, ToolCall
    >>> list_them = ToolCall(id="1", name="list_orders", arguments={})
    >>> add_up = ToolCall(id="2", name="python", arguments={"code": "1"})
    >>> part_of(Dialogue(messages=(Message(role="assistant", tool_calls=(list_them, add_up)),)))
    'computational'
    """
    calls = [call for _, call in dialogue.calls()]
    code = sum(is_interpreter(call) for call in calls)
    if not code:
        return "business"
    return "code" if 2 * code > len(calls) else "computational"

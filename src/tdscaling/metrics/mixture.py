"""What part of a mixture a dialogue belongs to: business, computational, or pure code. Read from its calls alone."""

from tdscaling.metrics.calls import is_interpreter
from tdscaling.types import Dialogue

PARTS = ("business", "computational", "code")


CODE_CALLS = 3
SANDBOX = "sandbox"


def part_of(dialogue: Dialogue) -> str:
    """`code` when nothing but code is run, or at least three calls run code (in an interpreter or a shell) and these
    are no fewer than the calls of other servers' tools; `computational` when some do; else `business`.

    By hand: one call runs code beside one of a business tool.

    >>> from tdscaling.types import Message, ToolCall
    >>> list_them = ToolCall(id="1", name="list_orders", arguments={})
    >>> add_up = ToolCall(id="2", name="python", arguments={"code": "1"})
    >>> part_of(Dialogue(messages=(Message(role="assistant", tool_calls=(list_them, add_up)),)))
    'computational'
    """
    calls = [call for _, call in dialogue.calls()]
    inside = {tool.name for tool in dialogue.tools if tool.server == SANDBOX}
    code = sum(is_interpreter(call) for call in calls)
    others = sum(not is_interpreter(call) and call.name not in inside for call in calls)
    if not code:
        return "business"
    return "code" if not others or code >= max(CODE_CALLS, others) else "computational"

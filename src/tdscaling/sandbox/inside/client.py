"""`import tools` in an agent's code: the episode's own tools, called by the host, one at a time.

Nothing here is trusted: the interpreter belongs to the agent, and the host checks whatever is asked.
"""

import _thread
import os
import sys
import types

from .frames import Frame, FrameError, pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "tools"
MAX_ASK = 128 << 10
DOC = """The tools of this conversation, callable from code.

call(name, arguments) makes a call and returns its result, parsed where it is JSON; `tools.NAME(a=1)` is the same as
call("NAME", {"a": 1}). A call that fails raises ToolError with what the tool said.
"""


class ToolError(Exception):
    """A tool refused or failed; the text is what it said."""

    __module__ = NAME


class Client:
    """The interpreter's end. Its lock is held whenever no call runs, so that no thread reads what is not its own."""

    def __init__(self, send: "Callable[[bytes], None]", receive: "Callable[[], Frame | None]") -> None:
        self._send, self._receive = send, receive
        self._lock = _thread.allocate_lock()
        self._lock.acquire()
        self._pid = os.getpid()
        self._open = False
        self._number = self._token = 0
        self.torn = False
        self._module = types.ModuleType(NAME, DOC)
        self._module.__dict__.update(call=self.call, ToolError=ToolError, __getattr__=self._named)

    def begin(self, frame: Frame) -> None:
        """A call starts; with `tools` in its frame the module is there."""
        self._number, self._open = frame["id"], frame.get("tools") is True
        if self._open:
            sys.modules[NAME] = self._module
        elif sys.modules.get(NAME) is self._module:
            del sys.modules[NAME]
        self._lock.release()

    def end(self) -> None:
        """The call is over once what other threads have asked is answered; they ask no more."""
        self._open = False
        self._lock.acquire()

    def call(self, tool: str, arguments: "dict[str, object] | None" = None, /, **named: object) -> object:
        """Calls a tool and returns its result. Raises ToolError when it fails, TypeError for what is no JSON."""
        if os.getpid() != self._pid:
            raise ToolError("only the interpreter itself can call tools, not a process it has forked")
        asked = {"name": tool, "arguments": {**(arguments or {}), **named}}
        with self._lock:
            if not self._open:
                raise ToolError("no tool can be called now")
            self._token += 1
            data = pack({"id": self._number, "token": self._token, "ask": asked})
            if len(data) > MAX_ASK:
                raise ToolError("the arguments are too large")
            reply = self._exchange(data)
        if "error" in reply:
            raise ToolError(reply["error"])
        return reply.get("value")

    def _exchange(self, data: bytes) -> Frame:
        self.torn = True  # until all of the answer is read: an interrupt in between would leave half a frame
        self._send(data)
        while (reply := self._receive()) is not None:
            if reply.get("token") == self._token:
                self.torn = False
                return reply
        raise FrameError("the sandbox has closed")

    def _named(self, name: str) -> "Callable[..., object]":
        if name.startswith("__"):
            raise AttributeError(name)

        def function(arguments: "dict[str, object] | None" = None, /, **named: object) -> object:
            return self.call(name, arguments, **named)

        return function

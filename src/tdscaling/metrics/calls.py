"""What a call's names and arguments say of it: whether it runs code, whether it only asks a database."""

import re

from tdscaling.metrics.words import parts
from tdscaling.types import ToolCall

_INTERPRETERS = frozenset("python bash shell interpreter terminal ipython jupyter sandbox powershell".split())
_RUN = frozenset({"run", "execute", "exec", "eval"})
_CODE_ARGUMENTS = frozenset({"code", "command", "cmd", "script", "source", "program", "commands"})
_NOT_SANDBOX = frozenset("sql query database db calculator mysql postgres sqlite".split())
_SELECTS = re.compile(r"\s*(?:select|show|describe|explain|pragma)\s", re.IGNORECASE)


def is_interpreter(call: ToolCall) -> bool:
    """Whether a call runs code in an interpreter or shell, judged by the tool's and the arguments' names.

    >>> is_interpreter(ToolCall(id="", name="run_python", arguments={"code": "1"}))
    True
    >>> is_interpreter(ToolCall(id="", name="run_sql", arguments={"code": "select 1"}))
    False
    """
    words = parts(call.name)
    if _NOT_SANDBOX.intersection(words) or not _CODE_ARGUMENTS.intersection(call.arguments):
        return False
    if _INTERPRETERS.intersection(words):
        return True
    return bool(_RUN.intersection(words)) and ("code" in words or "command" in words or "script" in words)


def queries(call: ToolCall) -> bool:
    """Whether a call runs a statement of SQL that changes nothing, whatever the tool is called.

    >>> queries(ToolCall(id="", name="run_sql", arguments={"query": "SELECT 1"}))
    True
    """
    given = (call.arguments.get(key) for key in ("sql", "query", "statement"))
    return any(isinstance(text, str) and bool(_SELECTS.match(text)) for text in given)

"""One prepared view of a dialogue, computed once, that every detector and the complexity read."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from tdscaling.metrics.calls import is_interpreter, queries
from tdscaling.metrics.produced import Produced, Scalars, chunks, last_key, read
from tdscaling.metrics.results import ResultIndex
from tdscaling.metrics.schemas import EXTRA, UNKNOWN, Parameter, parameters
from tdscaling.metrics.texts import MAX_CACHED, NEVER, TextIndex
from tdscaling.metrics.words import acts, holds_text, names_entity, reads
from tdscaling.types import Dialogue, JsonObject, JsonScalar, Message, OfferedTool, ToolCall
from tdscaling.values import leaves, normal, normal_text

_CODE_MARK = re.compile(r"[\s(){}=;]")
_OFFER = re.compile(r"<tools>.*?</tools>", re.DOTALL)
_LONG = 4
"""A string of this many words is prose."""


class Argument(NamedTuple):
    """A scalar leaf of a call's arguments, null and "" left out. `key` is the last name in its path."""

    path: str
    key: str
    value: JsonScalar
    norm: str
    prose: bool
    parameter: Parameter

    @property
    def default(self) -> bool:
        return self.parameter.default == self.norm

    @property
    def telling(self) -> bool:
        """False for what never counts as a flow: booleans, enum members, integers below 100, defaults."""
        if isinstance(self.value, bool) or self.norm in ("true", "false", "null"):
            return False
        return not small(self.norm) and self.norm not in self.parameter.enum and not self.default

    @property
    def entity(self) -> bool:
        """Whether it names an entity, by its field and not being a truth value."""
        return names_entity(self.key) and not isinstance(self.value, bool)


@dataclass(slots=True)
class Action:
    """A call in its place. `result` is the index of its tool message, NEVER when there is none."""

    ordinal: int
    message: int
    call: ToolCall
    arguments: tuple[Argument, ...]
    sandbox: bool
    read_only: bool
    server: str | None
    result: int = NEVER
    failed: bool = False
    scalars: Scalars | None = None

    @property
    def produced(self) -> list[Produced]:
        """The scalars of the result, none where there is no result."""
        return [] if self.scalars is None else self.scalars.produced

    @property
    def succeeded(self) -> bool:
        return self.result != NEVER and not self.failed

    def same_call(self, other: "Action") -> bool:
        return self.call.name == other.call.name and self.call.arguments == other.call.arguments


class Trace:
    """The dialogue's actions, the values of its results, and what users and system have said.

    Building it is linear in the size of the dialogue. `user` and `system` index texts, `results` the values of the
    tool messages before the last call: none can take a value from those after it.
    """

    def __init__(self, dialogue: Dialogue, sandbox_tools: Collection[str] = ()) -> None:
        self.messages = _spoken(dialogue)
        self.actions: list[Action] = []
        self.at: dict[int, list[Action]] = {}
        self.users: list[int] = []
        self.user = TextIndex()
        self.system = TextIndex()
        self.answered: dict[int, Action] = {}
        self._said: dict[str, int] = {}
        self._flows: dict[int, list[tuple[str, int]]] = {}
        self._tools = {tool.name: tool for tool in dialogue.tools}
        self._parameters: dict[str, dict[str, Parameter] | None] = {}
        self._sandbox = frozenset(sandbox_tools)
        self._read: list[tuple[int, Scalars]] = []
        waiting: list[Action] = []
        for index, message in enumerate(self.messages):
            waiting = self._take(index, message, waiting)
        last = self.actions[-1].message if self.actions else 0
        self.results = ResultIndex([one for one in self._read if one[0] < last])

    def said(self, norm: str) -> int:
        """The first user or system message that says the value, NEVER if none does."""
        found = self._said.get(norm)
        if found is None:
            found = self._said[norm] = min(self.user.first(norm), self.system.first(norm))
        return found

    def tool(self, name: str) -> OfferedTool | None:
        return self._tools.get(name)

    def flows(self, action: Action) -> list[tuple[str, int]]:
        """The values that reach the action from earlier tool messages and from no one's words, each with the first
        of those messages. This is the `sequential` rule; of prose and code every word of three characters is tried.
        """
        found = self._flows.get(action.ordinal)
        if found is None:
            found = self._flows[action.ordinal] = list(_flowing(self, action))
        return found

    def last_user(self, before: int) -> int:
        """The last user message before message `before`, -1 when there is none."""
        position = bisect_left(self.users, before)
        return self.users[position - 1] if position else -1

    def _take(self, index: int, message: Message, waiting: list[Action]) -> list[Action]:
        if message.role == "assistant":
            if message.tool_calls:
                made = [self._action(index, call) for call in message.tool_calls]
                self.at[index] = made
                return made[:]
        elif message.role == "tool":
            self._result(index, message, waiting)
        else:
            if message.role == "user":
                self.users.append(index)
            if message.content:
                (self.user if message.role == "user" else self.system).add(index, message.content)
        return waiting

    def _action(self, index: int, call: ToolCall) -> Action:
        tool = self._tools.get(call.name)
        if call.name not in self._parameters:
            self._parameters[call.name] = parameters(tool)
        known = self._parameters[call.name]
        read_only = tool.read_only if tool is not None else None
        sandbox = call.name in self._sandbox or is_interpreter(call)
        action = Action(
            ordinal=len(self.actions),
            message=index,
            call=call,
            arguments=tuple(_arguments(call, known)),
            sandbox=sandbox,
            read_only=(not sandbox and (reads(call.name) or queries(call))) if read_only is None else read_only,
            server=tool.server if tool is not None else None,
        )
        self.actions.append(action)
        return action

    def _unnamed(self, action: Action) -> bool:
        """Whether neither the tool nor its name says if the call reads or writes."""
        tool = self._tools.get(action.call.name)
        return not action.sandbox and (tool is None or tool.read_only is None) and not acts(action.call.name)

    def _result(self, index: int, message: Message, waiting: list[Action]) -> None:
        scalars, failed = read(message.content, message.is_error)
        self._read.append((index, scalars))
        action = _answered(message, waiting)
        if action is not None:
            waiting.remove(action)
            action.result, action.failed, action.scalars = index, failed, scalars
            if self._unnamed(action) and scalars.tells:
                action.read_only = True
            self.answered[index] = action


def _spoken(dialogue: Dialogue) -> tuple[Message, ...]:
    """The messages; where a system message lists the offered tools, as Hermes text has it, this list says nothing."""
    if not dialogue.tools or not any("<tools>" in one.content for one in dialogue.messages if one.role == "system"):
        return dialogue.messages
    return tuple(
        replace(one, content=_OFFER.sub("", one.content)) if one.role == "system" else one for one in dialogue.messages
    )


def _answered(message: Message, waiting: list[Action]) -> Action | None:
    """The waiting call that a tool message answers: by id, else by name, else the first one."""
    if message.tool_call_id:
        for action in waiting:
            if action.call.id == message.tool_call_id:
                return action
    if message.name:
        for action in waiting:
            if action.call.name == message.name:
                return action
    return waiting[0] if waiting else None


def _arguments(call: ToolCall, known: dict[str, Parameter] | None) -> Iterator[Argument]:
    for path, value in _scalars(call.arguments):
        if value is None or value == "":
            continue
        key = last_key(path) if "." in path or "]" in path else path
        parameter = UNKNOWN if known is None else known.get(path, EXTRA)
        if isinstance(value, str):
            yield Argument(path, key, value, normal_text(value), _is_prose(key, value), parameter)
        else:
            yield Argument(path, key, value, normal(value), False, parameter)


def _scalars(arguments: JsonObject) -> Iterator[tuple[str, JsonScalar]]:
    for key, value in arguments.items():
        if value is None or isinstance(value, str | int | float):
            yield key, value
        else:
            for path, inner, _ in leaves({key: value}):
                yield path, inner


def _is_prose(key: str, value: str) -> bool:
    if "\n" in value or value.count(" ") >= _LONG - 1:
        return True
    return holds_text(key) and bool(_CODE_MARK.search(value))


def small(norm: str) -> bool:
    """Whether a canonical value is an integer below 100, its sign aside.

    >>> small("99"), small("-99"), small("100"), small("-500"), small("12.5")
    (True, True, False, False, False)
    """
    digits = norm.removeprefix("-")
    return digits.isdecimal() and len(digits.lstrip("0")) <= 2


def _flowing(trace: Trace, action: Action) -> Iterator[tuple[str, int]]:
    for argument in action.arguments:
        if not argument.telling:
            continue
        norms = text_norms(str(argument.value)) if argument.prose else (argument.norm,)
        for norm in norms:
            first = trace.results.scalar(norm)
            if (first == NEVER and argument.prose) or trace.said(norm) < action.message:
                continue
            first = first if argument.prose else min(first, trace.results.prose(norm))
            if first < action.message:
                yield norm, first


def text_norms(text: str) -> tuple[str, ...]:
    """The canonical values that prose or code may carry: words, parts of paths, runs of two or three words.

    >>> text_norms("Dear Ann Lee")
    ('dear', 'dear ann', 'dear ann lee', 'ann', 'ann lee', 'lee')
    """
    return _kept_norms(text) if len(text) <= MAX_CACHED else _text_norms(text)


def _text_norms(text: str) -> tuple[str, ...]:
    words = [normal_text(chunk) for chunk in chunks(text)]
    found: dict[str, None] = {}
    last = len(words) - 1
    for position, word in enumerate(words):
        if _tells(word):
            found[word] = None
        if position < last:
            run = f"{word} {words[position + 1]}"
            found[run] = None
            if position + 1 < last:
                found[f"{run} {words[position + 2]}"] = None
        if "/" in word or ":" in word or "." in word:
            found.update((piece, None) for piece in word.replace(":", "/").split("/") if _tells(piece, ()))
    return tuple(found)


def _tells(word: str, idle: Collection[str] = ("true", "false", "null", "none")) -> bool:
    return len(word) >= 3 and word not in idle and not small(word)


_kept_norms = lru_cache(maxsize=64)(_text_norms)

"""What is tried next follows from what failed: errors name parameters, offer values, ask for what is missing."""

import itertools
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.exploration import ExplorationLimits, explore
from tdscaling.exploration.blame import blame, corrected, without
from tdscaling.exploration.candidates import Candidate, offered_by_name
from tdscaling.exploration.search import Search
from tdscaling.types import JsonObject, Snapshot, Tool, ToolKey, ToolResult
from tdscaling.values.generate import Generator

TEXT: JsonObject = {"type": "string"}


@pytest.mark.requirement("exploration.errors")
@pytest.mark.parametrize(
    ("message", "given", "about", "hints"),
    [
        ("Sheet 'May' not found. Sheets: 'June'", {"book": "b", "sheet": "May"}, "sheet", ("June",)),
        ("Sheet 'Data' not found", {"sheet": "May", "source": "Data!A1:B2"}, "source", ()),
        ('{"error": {"code": "not_found", "message": "no box \'x\', but \'a1\'"}}', {"box": "x"}, "box", ("a1",)),
        ("plan.xlsx already exists", {"path": "/workspace/plan.xlsx", "kind": "x"}, "path", ()),
        ("column must be a header", {"path": "/w", "column": 3}, "column", ()),
        ("It would cover A1:B2. Choose another `at`", {"source": "A1:B2", "at": "C3"}, "at", ()),
        ("No field 'x7' among 'Name'", {"fields": [{"field": "x7"}], "path": "/w"}, "fields", ("Name",)),
    ],
)
def test_an_error_tells_which_parameter_it_is_about_and_what_it_offers(
    message: str, given: JsonObject, about: str, hints: tuple[str, ...]
) -> None:
    found = blame(message, given, ())
    assert found.about[0] == about
    assert found.hints == hints


@pytest.mark.requirement("exploration.errors")
def test_an_error_tells_what_is_missing_what_is_too_much_and_what_is_taken() -> None:
    assert blame("Give `range` to create a table", {"path": "x"}, ["range", "name"]).absent == ("range",)
    assert blame("Pass overwrite=true to replace it", {}, ["overwrite"]).settings == (("overwrite", True),)
    assert blame("order 7 already exists", {"id": 7}, ()).taken
    assert not blame("order 7 does not exist", {"id": 7}, ()).taken
    found = blame("A bar rule does not use count, text. It takes: colors.", {"rule": {"type": "bar"}}, ())
    assert {"count", "text"} <= found.refused
    assert "colors" not in found.refused
    assert blame("text rules need a value", {}, ()).wanted
    assert not found.wanted


@pytest.mark.requirement("exploration.errors")
@given(st.recursive(st.text(max_size=8) | st.integers(), lambda some: st.lists(some, max_size=3)), st.text(max_size=40))
def test_any_message_on_any_value_is_read_without_failing(value: object, message: str) -> None:
    found = blame(message, {"a": value, "to": message[:5]}, ["b"])
    assert set(found.about) <= {"a", "to"}
    assert set(found.absent) <= {"b"}
    assert corrected(value, "no such word at all", "x") == value
    assert without(value, ()) == value


def search(**options: Sequence[object]) -> Search:
    generator = Generator(Random(1))
    return Search(
        name="do_it",
        options={name: [Candidate(value, "choice") for value in found] for name, found in options.items()},
        extra={"spare": TEXT},
        schemas=dict.fromkeys(options, TEXT),
        start=(),
        alike={},
        make=lambda name, schema, like, asked: generator.text(name),
        more=lambda name, schema: [Candidate(f"a {name}", "made")],
        rng=Random(1),
    )


@pytest.mark.requirement("exploration.errors")
def test_after_an_error_the_parameter_it_names_changes_and_the_others_stay() -> None:
    tried = search(first=["a1", "a2"], second=["bb1", "bb2"])
    chosen = tried.next()
    assert chosen is not None
    tried.failed(chosen, "unknown 'bb1', known: 'bb9'")
    following = [tried.next() for _ in range(2)]
    values = [{name: one.value for name, one in found.items()} for found in following if found]
    assert values == [{"first": "a1", "second": "bb9"}, {"first": "a1", "second": "bb2"}]


@pytest.mark.requirement("exploration.errors")
@given(st.lists(st.sampled_from(["no 'a1'", "bb2 exists already", "give `spare`", "?"]), max_size=30))
def test_no_assignment_is_tried_twice_and_each_has_what_is_required(messages: list[str]) -> None:
    tried, seen = search(first=["a1", "a2", "a3"], second=["bb1", "bb2"]), set[str]()
    for message in messages:
        chosen = tried.next()
        if chosen is None:
            break
        assert {"first", "second"} <= chosen.keys()
        key = json.dumps({name: one.value for name, one in chosen.items()}, sort_keys=True)
        assert key not in seen
        seen.add(key)
        tried.failed(chosen, message)


@pytest.mark.requirement("exploration.errors")
def test_what_schemas_offer_for_a_name_helps_other_tools_with_that_name() -> None:
    shown: JsonObject = {"type": "string", "description": "Cells, e.g. 'A1:B2'."}
    tools = [
        Tool(server="s", name="a", input_schema={"type": "object", "properties": {"cells": shown}}),
        Tool(server="s", name="b", input_schema={"type": "object", "properties": {"cells": TEXT, "mode": FORM}}),
    ]
    assert offered_by_name(tools) == {"cells": ["A1:B2"]}


class Desk:
    """A server of forms that each need several things at once, and says what is wrong with the first of them only."""

    tools: Sequence[Tool] = ()

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.filed: dict[str, str] = {}

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        self.calls.append((key.name, json.dumps(arguments, sort_keys=True)))
        if key.name == "list_drawers":
            return ToolResult(content='[{"drawer": "upper"}, {"drawer": "lower"}]')
        problem = self._problem(arguments)
        if problem:
            return ToolResult(content=problem, is_error=True)
        self.filed[str(arguments["title"])] = json.dumps(arguments, sort_keys=True)
        return ToolResult(content="Filed it.")

    def _problem(self, given: JsonObject) -> str:
        if given["drawer"] not in ("upper", "lower"):
            return f"There is no drawer {given['drawer']!r}. Drawers: 'upper', 'lower'"
        if given["span"] not in ("m3-m9", "m1-m4"):
            return f"Invalid span {given['span']!r}. Use a form such as 'm3-m9'"
        if "colour" not in given:
            return "Give `colour` or nobody finds it"
        form = given["form"]
        if not isinstance(form, dict) or "kind" not in form:
            return "form is not right"
        if form["kind"] == "long" and "pages" not in form:
            return "long forms need pages"
        short = form["kind"] == "short" and "pages" in form
        return "A short form does not use pages. It takes kind." if short else ""

    async def snapshot(self) -> Snapshot:
        return Snapshot(dict(self.filed))

    async def paths(self) -> Sequence[str]:
        return ()


class Desks:
    """Its environment; keeps the sessions."""

    worlds = 1

    def __init__(self) -> None:
        self.sessions: list[Desk] = []

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Desk]:
        self.sessions.append(Desk())
        yield self.sessions[-1]

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return {}


FORM: JsonObject = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": ["long", "short"]}, "pages": {"type": "integer"}},
    "required": ["kind"],
}
FILE: JsonObject = {
    "type": "object",
    "properties": {"drawer": TEXT, "span": TEXT, "title": TEXT, "form": FORM, "colour": TEXT, "shade": TEXT},
    "required": ["drawer", "span", "title", "form"],
}


@pytest.mark.requirement("exploration.errors")
@pytest.mark.parametrize("seed", range(6))
async def test_a_tool_that_needs_several_things_at_once_is_explored_by_its_errors(seed: int) -> None:
    tools = [
        Tool(server="desk", name="list_drawers", input_schema={"type": "object", "properties": {}}),
        Tool(server="desk", name="file_form", input_schema=FILE),
    ]
    found, _ = await explore(tools, Desks(), seed=seed, limits=ExplorationLimits(tries=14))
    profile = found.profiles[ToolKey("desk", "file_form")]
    assert profile.effect == "write"
    assert {param.name for param in profile.params if param.needed} == {"colour"}
    assert "shade" not in profile.successes[0].arguments
    drawer = profile.param("drawer")
    assert drawer is not None
    assert (drawer.kind, drawer.strict) == ("produced", True)


@pytest.mark.requirement("exploration.once")
async def test_what_a_call_has_shown_is_not_asked_again() -> None:
    environment = Desks()
    await explore([Tool(server="desk", name="file_form", input_schema=FILE)], environment, seed=2)
    calls = [call for session in environment.sessions for call in session.calls]
    failing = [call for call in calls if "upper" not in call[1] and "lower" not in call[1]]
    assert failing
    assert len(failing) == len(set(failing))


class Stamping(Desk):
    """A desk that stamps what it files with a clock's time."""

    stamps = itertools.count(1000)

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        result = await super().call(key, arguments)
        self.filed = {title: f"{held} at {next(self.stamps)}" for title, held in self.filed.items()}
        return result


class StampingDesks(Desks):
    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Desk]:
        yield Stamping()


@pytest.mark.requirement("exploration.repeated")
async def test_states_that_the_same_write_left_otherwise_are_told_and_steady_ones_are_not() -> None:
    tools = [Tool(server="desk", name="file_form", input_schema=FILE)]
    steady, _ = await explore(tools, Desks(), seed=2)
    assert steady.profiles
    assert steady.repeated == ()
    drifting, _ = await explore(tools, StampingDesks(), seed=2)
    ((one, two),) = drifting.repeated
    assert one.leaves.keys() == two.leaves.keys()
    assert one != two

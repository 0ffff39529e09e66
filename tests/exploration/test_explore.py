"""What exploration says of tools is what calling them shows."""

import itertools
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from tests.fakes import HANDLERS, TOOLS, FakeEnvironment, FakeSession, NotThereError, State

from tdscaling.errors import ServerError
from tdscaling.exploration import ExplorationLimits, explore
from tdscaling.types import (
    Exploration,
    JsonObject,
    JsonValue,
    Snapshot,
    Tool,
    ToolKey,
    ToolResult,
)
from tdscaling.values import empty, failed, leaves, normal, parse

QUICK = ExplorationLimits(more_values=3)
Call = tuple[ToolKey, JsonObject, ToolResult]


@dataclass
class Watched(FakeEnvironment):
    """Keeps every session that was opened, and lets a server fail from its n-th session on."""

    sessions: list[FakeSession] = field(default_factory=list[FakeSession])
    until: Mapping[str, int] = field(default_factory=dict[str, int])
    starts: dict[str, int] = field(default_factory=dict[str, int])

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[FakeSession]:
        for server in servers:
            self.starts[server] = self.starts.get(server, 0) + 1
            if self.starts[server] > self.until.get(server, 10**6):
                raise ServerError(f"server {server!r} did not start")
        async with super().session(servers, world) as session:
            self.sessions.append(session)
            yield session


def made(key: ToolKey, arguments: JsonObject) -> ToolResult:
    """What a call gives on the initial state of the explored world."""
    try:
        return ToolResult(content=HANDLERS[key](State.of(0), arguments))
    except NotThereError as exc:
        return ToolResult(content=str(exc), is_error=True)


def works(result: ToolResult) -> bool:
    return not failed(result) and not empty(result)


async def explored(environment: FakeEnvironment | None = None, seed: int = 1) -> tuple[Exploration, tuple[str, ...]]:
    return await explore(TOOLS, environment or FakeEnvironment(), seed=seed, limits=QUICK)


@pytest.mark.requirement("exploration.profiles")
async def test_tools_are_known_by_a_call_that_worked_and_by_what_it_changed() -> None:
    found, problems = await explored()
    assert problems == ()
    assert set(found.profiles) == {tool.key for tool in TOOLS}
    effects = {key.name: profile.effect for key, profile in found.profiles.items()}
    writes = {name for name, effect in effects.items() if effect == "write"}
    assert writes == {"create_item", "move_item", "set_price", "book_pickup"}
    assert {name for name, effect in effects.items() if effect == "destroy"} == {"delete_item"}
    for key, profile in found.profiles.items():
        first = profile.successes[0]
        again = made(key, first.arguments)
        assert again.content == first.result.content, "the call that worked works again"
        assert first.changed == (profile.effect != "read")
        assert {param.name for param in profile.params} >= set(first.arguments)
        for param in profile.params:
            assert first.arguments.get(param.name, param.values[0]) == param.values[0]


@pytest.mark.requirement("exploration.executed")
async def test_every_executed_value_edge_had_a_call_that_worked_and_a_control_that_failed() -> None:
    """Held against the calls that were really made, their results worked out anew."""
    environment = Watched()
    found, _ = await explored(environment)
    calls = [(key, given) for session in environment.sessions for key, given in session.calls]
    edges = [
        edge for edge in found.edges if edge.executed and edge.kind == "value" and "read_back" not in edge.evidence
    ]
    pairs = {(edge.producer.tool, edge.producer.field, edge.consumer.tool, edge.consumer.field) for edge in edges}
    assert ("list_items", "[].sku", "get_item", "sku") in pairs
    assert {tool for tool, _, _, _ in pairs} >= {"list_items", "list_shelves", "list_depots"}
    for edge in edges:
        shown = {
            normal(leaf.value)
            for observation in found.profiles[edge.producer.key].successes
            for leaf in leaves(parse(observation.result.content))
            if leaf.path == edge.producer.field
        }
        name = edge.consumer.field.removesuffix("[]")
        tried = [given for key, given in calls if key == edge.consumer.key and name in given]
        fed = [given for given in tried if normal(given[name]) in shown and made(edge.consumer.key, given)]
        worked = [given for given in fed if works(made(edge.consumer.key, given))]
        assert worked, edge
        assert any(
            controls(given, other, name) and not works(made(edge.consumer.key, other))
            for given in fed
            for other in tried
        ), edge


def controls(given: JsonObject, other: JsonObject, name: str) -> bool:
    """Whether two calls differ in this argument alone, by type alike."""
    same = {key: value for key, value in given.items() if key != name}
    return other[name] != given[name] and same == {key: value for key, value in other.items() if key != name}


@pytest.mark.requirement("exploration.lenient")
async def test_a_parameter_that_takes_anything_has_no_executed_edge_and_is_not_strict() -> None:
    found, _ = await explored()
    for tool, name in (("book_pickup", "note"), ("set_price", "price")):
        key = next(key for key in found.profiles if key.name == tool)
        param = found.profiles[key].param(name)
        assert param is not None
        assert not param.strict
        assert not [edge for edge in found.edges if edge.consumer.key == key and edge.consumer.field == name]
    strict = found.profiles[ToolKey("stock", "get_item")].param("sku")
    assert strict is not None
    assert strict.strict
    assert strict.kind == "produced"
    assert len(set(map(str, strict.values))) > 1


@pytest.mark.requirement("exploration.read_back")
async def test_a_reader_that_finds_what_a_writer_wrote_is_known_with_both_parameters() -> None:
    found, _ = await explored()
    backs = {(back.writer.name, back.writer_param, back.reader.name, back.reader_param) for back in found.readbacks}
    assert ("create_item", "sku", "get_item", "sku") in backs
    assert not [back for back in backs if back[0] in ("move_item", "set_price")], "what was there before proves nothing"
    order = {(e.producer.tool, e.consumer.tool) for e in found.edges if e.kind == "order" and e.executed}
    assert ("create_item", "get_item") in order


@pytest.mark.requirement("exploration.undone")
async def test_no_reading_result_shows_what_another_call_changed() -> None:
    found, _ = await explored()
    for key, profile in found.profiles.items():
        if profile.effect == "read":
            for observation in profile.successes:
                assert observation.result.content == made(key, observation.arguments).content
    environment = Watched()
    await explored(environment)
    assert environment.open == 0


@pytest.mark.requirement("exploration.server")
async def test_a_server_that_does_not_start_is_one_line_and_the_other_is_explored() -> None:
    found, problems = await explored(FakeEnvironment(broken=("courier",)))
    assert len(problems) == 1
    assert "'courier'" in problems[0]
    assert {key.server for key in found.profiles} == {"stock"}
    assert found.edges


@pytest.mark.requirement("exploration.server")
async def test_a_tool_whose_call_the_server_does_not_survive_is_one_line_and_not_known() -> None:
    hours = ToolKey("courier", "depot_hours")
    found, problems = await explored(FakeEnvironment(faults={hours: "timeout"}))
    assert problems == ("courier/depot_hours: courier/depot_hours gave no answer",)
    assert hours not in found.profiles
    assert ToolKey("courier", "list_depots") in found.profiles


@pytest.mark.requirement("exploration.server")
async def test_a_server_that_fails_after_it_was_explored_leaves_nothing_that_counts_as_repeatable() -> None:
    calm = Watched()
    await explored(calm)
    found, _ = await explored(Watched(until={"courier": calm.starts["courier"] - 1}))
    assert all(profile.volatile for key, profile in found.profiles.items() if key.server == "courier")
    assert not any(profile.volatile for key, profile in found.profiles.items() if key.server == "stock")


@pytest.mark.requirement("exploration.same")
async def test_the_same_seed_explores_the_same_way() -> None:
    one, two = await explored(seed=5), await explored(seed=5)
    assert one == two
    calls: list[list[tuple[ToolKey, JsonObject]]] = []
    for _ in range(2):
        environment = Watched()
        await explored(environment, seed=5)
        calls.append([call for session in environment.sessions for call in session.calls])
    assert calls[0] == calls[1]


TICKS = itertools.count(1)
ACCOUNTS = {"acc-7301": 1250, "acc-7419": 880, "acc-7555": 4300}


def balance(account: str) -> JsonValue:
    if account not in ACCOUNTS:
        raise NotThereError(f"Error: no account {account}")
    return {"account": account, "balance": ACCOUNTS[account]}


BANKS: Mapping[ToolKey, Callable[..., JsonValue]] = {
    ToolKey("ledger", "list_entries"): lambda: [{"entry": 9000 + n, "account": a} for n, a in enumerate(ACCOUNTS)],
    ToolKey("bank", "list_accounts"): lambda: [{"account": account} for account in ACCOUNTS],
    ToolKey("bank", "get_balance"): balance,
    ToolKey("bank", "get_ticker"): lambda: {"tick": next(TICKS)},
}


class Bank:
    """A session of two servers that know the same accounts; one tool of them reads a clock."""

    tools: Sequence[Tool] = ()

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        try:
            return ToolResult(content=json.dumps(BANKS[key](**arguments)))
        except (NotThereError, TypeError) as exc:
            return ToolResult(content=str(exc), is_error=True)

    async def snapshot(self) -> Snapshot:
        return Snapshot({})

    async def paths(self) -> Sequence[str]:
        return ()


class Banks:
    """Their environment."""

    worlds = 1

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Bank]:
        assert world < self.worlds
        assert servers
        yield Bank()

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return {"servers": list(servers), "world": world}


def banking() -> list[Tool]:
    text: JsonObject = {"type": "object", "properties": {"account": {"type": "string"}}, "required": ["account"]}
    plain: JsonObject = {"type": "object", "properties": {}}
    return [
        Tool(server=key.server, name=key.name, description=key.name.replace("_", " "),
             input_schema=text if key.name == "get_balance" else plain)
        for key in BANKS
    ]  # fmt: skip


@pytest.mark.requirement("exploration.volatile")
async def test_a_tool_that_reads_a_clock_is_volatile_and_the_others_are_not() -> None:
    found, _ = await explore(banking(), Banks(), seed=1, limits=QUICK)
    assert {key.name: profile.volatile for key, profile in found.profiles.items()} == {
        "list_entries": False,
        "list_accounts": False,
        "get_balance": False,
        "get_ticker": True,
    }


@pytest.mark.requirement("exploration.cross_server")
async def test_a_value_one_server_shows_and_another_s_strict_parameter_takes_joins_them() -> None:
    found, _ = await explore(banking(), Banks(), seed=1, limits=QUICK)
    crossing = [edge for edge in found.edges if edge.producer.server != edge.consumer.server]
    assert {
        (edge.producer.tool, edge.producer.field, edge.consumer.tool, edge.consumer.field) for edge in crossing
    } == {("list_entries", "[].account", "get_balance", "account")}
    assert all(edge.executed and edge.kind == "value" for edge in crossing)

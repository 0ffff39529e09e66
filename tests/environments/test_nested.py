"""Code that calls the episode's tools: what is offered, checked, made in the session, recorded, and made again."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.fakes import BY_KEY, FakeEnvironment

from tdscaling.config.sandbox import SandboxSettings
from tdscaling.environments import nested
from tdscaling.environments.code import PYTHON, SERVER, SHELL, WithCode
from tdscaling.environments.nested import NestedCalls, announce
from tdscaling.pipeline.code_tool import code_tool
from tdscaling.types import JsonObject, NestedCall, Session, ToolKey, ToolResult, diff
from tdscaling.values.offer import offer

pytestmark = pytest.mark.sandbox
GET, LIST, PRICE = ToolKey("stock", "get_item"), ToolKey("stock", "list_items"), ToolKey("stock", "set_price")


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    with code_tool(SandboxSettings(pool=0)) as (sandbox, missing):
        assert sandbox is not None, missing
        async with WithCode(FakeEnvironment(), sandbox).session(["stock", SERVER], 0) as opened:
            tools = BY_KEY | {PYTHON.key: PYTHON, SHELL.key: SHELL}
            announce(opened, offer([GET, LIST, PRICE, PYTHON.key, SHELL.key], tools))
            yield opened


async def run(session: Session, code: str) -> ToolResult:
    return await session.call(PYTHON.key, {"code": f"import tools\n{code}"})


@pytest.mark.requirement("environments.nested")
async def test_code_loops_over_what_a_tool_gives_and_every_call_is_recorded(session: Session) -> None:
    code = "items = tools.list_items()\nprint(sum(tools.get_item(sku=item['sku'])['price'] for item in items[:3]))"
    result = await run(session, code)
    assert not result.is_error
    assert [call.name for call in result.nested] == ["list_items", "get_item", "get_item", "get_item"]
    assert result.nested[1].arguments.keys() == {"sku"}
    assert '"price"' in result.nested[1].content
    assert int(result.content) > 300


@pytest.mark.requirement("environments.nested")
async def test_what_code_writes_by_a_tool_is_state(session: Session) -> None:
    before = await session.snapshot()
    result = await run(session, "tools.set_price(sku=tools.list_items()[0]['sku'], price=777)")
    assert not result.is_error
    assert len(diff(before, await session.snapshot())) == 1


@pytest.mark.requirement("environments.nested")
@pytest.mark.parametrize("name", ["delete_item", "python", "shell", "stock/get_item", "", "__import__"])
async def test_what_is_not_offered_can_not_be_called_and_the_attempt_is_recorded(session: Session, name: str) -> None:
    before = await session.snapshot()
    code = f"try:\n    tools.call({name!r}, {{'sku': 'x', 'code': '1', 'command': 'id'}})\n"
    result = await run(session, f"{code}except tools.ToolError as exc:\n    print(exc)")
    assert result.content.startswith("Unknown tool")
    assert [(call.name, call.is_error) for call in result.nested] == [(name, True)]
    assert diff(before, await session.snapshot()) == ()


@pytest.mark.requirement("environments.nested")
async def test_arguments_that_the_schema_refuses_do_not_reach_the_tool(session: Session) -> None:
    result = await run(session, "tools.set_price(sku=7)")
    assert result.is_error
    assert "tools.ToolError: set_price: " in result.content
    assert "/opt/box" not in result.content


@pytest.mark.requirement("environments.nested")
async def test_a_tool_s_own_failure_is_an_exception_in_the_code(session: Session) -> None:
    result = await run(session, "tools.get_item(sku='nothing')")
    assert "unknown item 'nothing'" in result.content
    assert result.nested[0].is_error


@pytest.mark.requirement("environments.nested")
async def test_a_shell_command_calls_no_tool(session: Session) -> None:
    result = await session.call(SHELL.key, {"command": "python3 -c 'import tools'"})
    assert "No module named" in result.content
    assert result.nested == ()


class Slow:
    """A session whose calls never end, or end with a fault."""

    def __init__(self, fault: str | None = None) -> None:
        self.fault = fault

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        if self.fault is None:
            await asyncio.Event().wait()
        return ToolResult(content="it broke", is_error=True, fault=self.fault)


@pytest.mark.requirement("environments.nested")
@pytest.mark.parametrize(("fault", "expected"), [(None, "timeout"), ("crash", "crash")])
async def test_a_call_has_its_own_deadline_and_a_server_s_fault_is_the_episode_s(
    monkeypatch: pytest.MonkeyPatch, fault: str | None, expected: str
) -> None:
    monkeypatch.setattr(nested, "CALL_SECONDS", 0.05)
    calls = NestedCalls(Slow(fault), offer([GET], BY_KEY), SERVER, asyncio.get_running_loop())  # type: ignore[arg-type]
    answer = await asyncio.to_thread(calls, "get_item", {"sku": "a"})
    assert "error" in answer
    assert calls.fault == expected


@pytest.mark.requirement("environments.nested")
async def test_all_calls_of_one_piece_of_code_share_a_budget_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "ALL_SECONDS", 0.05)
    calls = NestedCalls(Slow(), offer([GET], BY_KEY), SERVER, asyncio.get_running_loop())  # type: ignore[arg-type]
    await asyncio.to_thread(calls, "get_item", {"sku": "a"})
    answer = await asyncio.to_thread(calls, "get_item", {"sku": "a"})
    assert answer == {"error": "the time for calls of this piece of code is used up"}


@pytest.mark.requirement("environments.nested")
async def test_the_record_of_a_long_result_is_cut_and_the_code_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Long(Slow):
        async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
            return ToolResult(content="x" * 50_000)

    calls = NestedCalls(Long(), offer([GET], BY_KEY), SERVER, asyncio.get_running_loop())  # type: ignore[arg-type]
    assert await asyncio.to_thread(calls, "get_item", {"sku": "a"}) == {"value": "x" * 50_000}
    assert calls.made == [NestedCall(name="get_item", arguments={"sku": "a"}, content="x" * nested.KEPT)]

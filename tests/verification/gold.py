"""A plan that moves an item, and a rollout that carries it out: what the tests of the checks then spoil."""

from tests.fakes import FakeEnvironment

from tdscaling.outcome_checks import Outcome
from tdscaling.types import (
    AnswerFact,
    Blueprint,
    Constant,
    Descriptor,
    Dialogue,
    Exploration,
    Fact,
    Message,
    OfferedTool,
    Persona,
    Request,
    Step,
    Target,
    ToolCall,
    ToolKey,
    ToolProfile,
    Turn,
    diff,
)
from tdscaling.verification import Evidence

MOVE, DELETE = ToolKey("stock", "move_item"), ToolKey("stock", "delete_item")
EMPTY = Exploration(profiles={})
DESTROYS = Exploration(
    profiles={
        DELETE: ToolProfile(
            tool=DELETE, effect="destroy", volatile=False, params=(), outputs=(), successes=(), failures=()
        )
    }
)


def offered(key: ToolKey, *needs: str) -> OfferedTool:
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in needs},
        "required": list(needs),
        "additionalProperties": False,
    }
    return OfferedTool(name=key.name, parameters=schema, server=key.server, tool=key.name)


TOOLS = (offered(MOVE, "sku", "shelf"), offered(DELETE, "sku"), offered(ToolKey("stock", "list_items")))


async def item(world: int = 0) -> tuple[str, str]:
    """An item of the world, and a shelf that it is not on."""
    async with FakeEnvironment().session(["stock"], world) as session:
        leaves = (await session.snapshot()).leaves
    path = next(path for path, held in leaves.items() if "cellar-rack" not in held)
    return path.rpartition("/")[2], "cellar-rack"


async def gold() -> tuple[Blueprint, Evidence]:
    """A plan of one call that moves an item, and a rollout that carries it out."""
    sku, shelf = await item()
    async with FakeEnvironment().session(["stock"], 0) as session:
        before = await session.snapshot()
        said = await session.call(MOVE, {"sku": sku, "shelf": shelf})
        effects = diff(before, await session.snapshot())
    assert len(effects) == 1
    step = Step(id="s1", tool=MOVE, arguments={"sku": Constant(value=sku), "shelf": Constant(value=shelf)})
    answer = AnswerFact(label="shelf", binding=Constant(value=shelf), value=shelf)
    plan = Blueprint(
        id="b1",
        target=Target(cluster="stock", domain="retail", mode="direct", band=0, seed=1),
        world=0,
        servers=("stock",),
        persona=Persona(name="Ada", role="analyst", style="plain"),
        goal="move an item",
        context=(),
        facts=(Fact(id="f1", label="item", value=sku), Fact(id="f2", label="shelf", value=shelf)),
        turns=(Turn(kind="opening", requests=(Request(action="move an item"),), steps=(step,), answer=(answer,)),),
        offered=(MOVE, DELETE),
        effects=effects,
    )
    call = ToolCall(id="c1", name="move_item", arguments={"sku": sku, "shelf": shelf})
    messages = (
        Message(role="system", content="You help."),
        Message(role="user", content=f"Please move {sku} to {shelf}."),
        Message(role="assistant", tool_calls=(call,)),
        Message(role="tool", content=said.content, tool_call_id="c1", name="move_item"),
        Message(role="assistant", content=f"It is on {shelf} now."),
    )
    descriptor = Descriptor(
        domain="retail", modes=("direct",), primary_mode="direct", cac=2.0, band=0, calls=1, turns=1, servers=("stock",)
    )
    outcome = Outcome(effects, (f"It is on {shelf} now.",))
    return plan, Evidence(dialogue=Dialogue(messages=messages, tools=TOOLS), outcome=outcome, descriptor=descriptor)

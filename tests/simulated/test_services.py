"""What is inferred, corrected, ruled and refused; bad input."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from tests.simulated.family import DESK, SERVER, tools

from tdscaling.catalog import build, save
from tdscaling.cli.simulate import command
from tdscaling.config.load import read_yaml
from tdscaling.config.simulation import RuleSettings, SimulationSettings
from tdscaling.environments.mixed import MixedEnvironment
from tdscaling.environments.simulated import SimulatedEnvironment, infer, read_overrides
from tdscaling.environments.simulated.makers import Maker
from tdscaling.environments.simulated.model import Entity, FieldModel
from tdscaling.errors import ConfigError, ServerError
from tdscaling.types import JsonObject, JsonValue, Tool, ToolKey


def tool(
    name: str, properties: Mapping[str, JsonValue] | None = None, *, needed: Sequence[str] = (), **more: object
) -> Tool:
    schema: JsonObject = {"type": "object", "properties": dict(properties or {}), "required": list(needed)}
    return Tool(server="s", name=name, input_schema=schema, **more)  # type: ignore[arg-type]


TEXT = {"type": "string"}


@pytest.mark.requirement("simulated.inferred")
def test_entities_references_and_life_cycles_come_from_the_schemas() -> None:
    model = infer(tools(DESK))
    ticket = model.entities["ticket"]
    assert (ticket.identifier, ticket.id_kind) == ("id", "integer")
    assert ticket.fields["customer_id"].refers == "customer"
    assert ticket.lifecycle is not None
    assert ticket.lifecycle.states == ("open", "paid", "closed")
    assert ticket.lifecycle.moves["reopen"].sources == ("closed",)
    kinds = {name: operation.kind for name, operation in model.operations.items()}
    assert kinds["list_tickets"] == "list"
    assert kinds["close_ticket"] == "move"


@pytest.mark.requirement("simulated.override", "simulated.shown")
def test_a_correction_is_obeyed_and_shown(tmp_path: Path) -> None:
    catalog, better = tmp_path / "c.jsonl.gz", tmp_path / "better.yaml"
    save(tools(DESK), catalog)
    better.write_text("servers:\n  desk:\n    tools:\n      delete_ticket: {kind: none}\n", encoding="utf-8")
    done = CliRunner().invoke(command, ["show", str(catalog), SERVER, "--overrides", str(better), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)[0]["tools"]["delete_ticket"]["reason"] == "left out by the override file"
    text = CliRunner().invoke(command, ["show", str(catalog), SERVER]).output
    assert "refers: customer" in text


@pytest.mark.requirement("simulated.override")
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("servers: {desk: {entites: {}}}", "did you mean 'entities'"),
        ("servers: {desk: {entities: {tikcet: {}}}}", "did you mean 'ticket'"),
        ("servers: {desk: {entities: {ticket: {identifier: idd}}}}", "did you mean 'id'"),
        ("servers: {desk: {tools: {close_tickets: {kind: none}}}}", "did you mean 'close_ticket'"),
        ("servers: {desk: {tools: {close_ticket: {params: {ticket_id: kee id}}}}}", "did you mean 'key'"),
        ("servers: {dask: {}}", "did you mean 'desk'"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_right_name(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "o.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=hint):
        SimulatedEnvironment(tools(DESK), overrides=read_overrides(path, [SERVER])).service(SERVER)


@pytest.mark.requirement("simulated.policy")
async def test_a_rule_is_told_and_enforced_by_the_service_where_it_says_so() -> None:
    text = "Only tickets of at most 10 may be closed."
    rule = RuleSettings(text=text, tools=("close_ticket",), field="amount", at_most=-1)
    for enforced, kind in (("service", "permission"), ("assistant", "")):
        settings = SimulationSettings(rules={SERVER: (rule.model_copy(update={"enforced_by": enforced}),)})
        environment = SimulatedEnvironment(tools(DESK), settings)
        assert environment.policy([SERVER]) == (text,)
        async with environment.session([SERVER], 0) as session:
            listed = await session.call(ToolKey(SERVER, "list_tickets"), {"status": "open"})
            ticket = json.loads(listed.content)["tickets"][0]["id"]
            result = await session.call(ToolKey(SERVER, "close_ticket"), {"ticket_id": ticket})
            assert result.is_error == bool(kind)
            assert kind in result.content


@pytest.mark.requirement("simulated.policy", "simulated.moves")
async def test_the_rule_of_the_demo_forbids_large_invoices_alone_and_the_others_are_void() -> None:
    demo = Path(__file__).parents[2] / "demo"
    rules = read_yaml(demo / "simulated.yaml")["simulation"]
    settings = SimulationSettings.model_validate(rules)
    found = await build([demo / "invoicing.yaml"])
    environment = SimulatedEnvironment(found.tools, settings, seed=7)
    large: list[bool] = []
    async with environment.session(["invoicing"], 0) as session:
        listed = json.loads((await session.call(ToolKey("invoicing", "list_invoices"), {})).content)["invoices"]
        for invoice in (one for one in listed if one["status"] != "void"):
            named: JsonObject = {"invoice_id": invoice["id"]}
            refused = (await session.call(ToolKey("invoicing", "void_invoice"), named)).is_error
            now = json.loads((await session.call(ToolKey("invoicing", "get_invoice"), named)).content)
            assert refused == (invoice["amount"] > 4000)
            assert now["status"] == (invoice["status"] if refused else "void")
            large.append(refused)
    assert {*large} == {True, False}


@pytest.mark.requirement("simulated.inferred")
def test_what_a_path_ends_in_is_a_step_of_the_thing_before_it_where_it_writes_and_is_no_thing_itself() -> None:
    def read(path: str, method: str) -> tuple[str, str]:
        http = {"path": path, "method": method}
        one = tool("make_it_so", {"order_id": TEXT}, needed=["order_id"], annotations={"x-http": http})
        operation = infer([one]).operations["make_it_so"]
        return operation.kind, operation.entity

    assert read("/orders/{order_id}/void", "POST") == ("move", "order")
    assert read("/orders/{order_id}/mute", "PUT") == ("move", "order")
    assert read("/orders/{order_id}/release", "POST") == ("create", "release")
    assert read("/orders/{order_id}/lines", "POST") == ("create", "line")


@pytest.mark.requirement("simulated.mixed")
def test_of_a_server_that_is_not_simulated_nothing_is_told() -> None:
    rule = RuleSettings(text="Be kind.", tools=("close_ticket",), field="amount", at_most=1)
    environment = SimulatedEnvironment(tools(DESK), SimulationSettings(rules={SERVER: (rule,)}))
    assert environment.policy([SERVER, "git", "sandbox"]) == ("Be kind.",)
    assert environment.policy(["git"]) == ()


class Poet:
    """Phrases every missing text alike, and would say another number each time."""

    def __init__(self) -> None:
        self.said = 0

    def complete(
        self,
        entity: Entity,
        record: JsonObject,
        missing: Sequence[FieldModel],
        makers: Mapping[str, Maker],
        rng: Random,
    ) -> Mapping[str, JsonValue]:
        self.said += 1
        return {spec.name: f"phrase {self.said}" for spec in missing if spec.schema.get("type") == "string"}


@pytest.mark.requirement("simulated.responder")
async def test_what_a_responder_phrases_is_what_later_calls_show() -> None:
    shape = {
        "type": "object",
        "properties": {"id": TEXT, "name": TEXT, "motto": TEXT},
        "required": ["id", "name", "motto"],
    }
    found = [
        tool("create_club", {"name": TEXT}, needed=["name"], output_schema=shape),
        tool("get_club", {"club_id": TEXT}, needed=["club_id"], output_schema=shape),
    ]
    async with SimulatedEnvironment(found, responder=Poet()).session(["s"], 0) as session:
        made = json.loads((await session.call(ToolKey("s", "create_club"), {"name": "Chess"})).content)
        got = json.loads((await session.call(ToolKey("s", "get_club"), {"club_id": made["id"]})).content)
    assert made["motto"].startswith("phrase ")
    assert got == made


@pytest.mark.requirement("simulated.mixed")
async def test_two_environments_serve_one_episode_side_by_side() -> None:
    other = [tool("create_note", {"text": TEXT}, needed=["text"]), tool("list_notes")]
    environment = MixedEnvironment({SERVER: SimulatedEnvironment(tools(DESK)), "s": SimulatedEnvironment(other)})
    async with environment.session([SERVER, "s"], 0) as session:
        before = await session.snapshot()
        assert not (await session.call(ToolKey("s", "create_note"), {"text": "x"})).is_error
        assert not (await session.call(ToolKey(SERVER, "list_tickets"), {})).is_error
        assert (await session.snapshot()) != before
    assert environment.provenance([SERVER, "s"], 0)["kind"] == "mixed"
    assert environment.provenance([SERVER], 0)["kind"] == "simulated"


LOOP: dict[str, JsonValue] = {"type": "object", "properties": {"child": {"$ref": "#/$defs/node"}, "id": TEXT}}
BAD: dict[str, list[Tool]] = {
    "no entity or verb": [tool("x"), tool("y", {"z": TEXT}), tool("")],
    "no tool at all": [],
    "examples against the schema": [
        tool("list_pets", {"kind": {"type": "integer", "example": "cat", "examples": ["dog"], "default": "cow"}}),
        tool("create_pet", {"age": {"type": "integer", "minimum": 3, "maximum": 3, "example": 99}}, needed=["age"]),
    ],
    "a key nobody can produce": [tool("get_answer", {"question": TEXT}, needed=["question"])],
    "an enum of one": [tool("create_pet", {"status": {"type": "string", "enum": ["only"]}}), tool("list_pets")],
    "recursive": [
        tool("list_nodes", output_schema={"type": "array", "items": {"$ref": "#/$defs/node"}, "$defs": {"node": LOOP}}),
        tool("create_node", {"id": TEXT}, output_schema={**LOOP, "$defs": {"node": LOOP}}),
    ],
    "five thousand fields": [
        tool("list_rows", output_schema={"type": "array", "items": {"type": "object",
            "required": [f"f{n}" for n in range(5000)],
             "properties": {f"f{n}": TEXT for n in range(5000)}}}),
        tool("create_row", {f"f{n}": TEXT for n in range(5000)}),
    ],
    "composite ids": [
        tool("list_issues", {"owner": TEXT, "repo": TEXT}, needed=["owner", "repo"]),
        tool("get_issue", {"owner": TEXT, "repo": TEXT, "number": {"type": "integer"}}, needed=["owner", "repo",
            "number"]),
    ],
    "other languages": [tool("创建客户", {"客户名称": TEXT}, needed=["客户名称"]), tool("获取客户", {"客户编号": TEXT}),
        tool("crear_factura")],
    "two that differ in case": [tool("getUser", {"id": TEXT}, needed=["id"]), tool("getuser", {"ID": TEXT}),
        tool("listUsers")],
    "schemas that are none": [
        Tool(server="s", name="list_a", input_schema={"type": "object", "properties": {"a": {"type": ["string",
            "null"]}}}),
        Tool(server="s", name="get_a", input_schema={"properties": {"a_id": {"anyOf": [{"type": "integer"}, TEXT]}},
            "required": ["a_id"]}),
        Tool(server="s", name="create_a", input_schema={}, output_schema={"type": "null"}),
        Tool(server="s", name="update_a", input_schema={"$ref": "#/nowhere"}, output_schema={"oneOf": []}),
        Tool(server="s", name="delete_a", input_schema={"type": "object", "properties": {"a_id": True},
            "required": ["b"]}),
    ],
    "bounds nobody meets": [
        tool("create_pet", {"age": {"type": "integer", "minimum": 5, "maximum": 3}}, needed=["age"]),
        tool("list_pets", {"limit": {"type": "integer", "minimum": 10, "maximum": 2}}),
        Tool(server="s", name="create_cage", input_schema={"type": "array", "items": TEXT}),
    ],
    "names of no letters": [tool("🙂", {"🙂": TEXT, "": TEXT}), tool("create thing", {"na me": TEXT}),
        tool("get/thing", {"thing id": TEXT}, needed=["thing id"])],
    "a pattern nobody fits": [
        tool("create_code", {"code": {"type": "string", "pattern": "^(foo|bar)-qux{3}[#@]$"}}, needed=["code"]),
        tool("list_codes"),
    ],
}  # fmt: skip


@pytest.mark.requirement("simulated.bad_input", "simulated.never_raises")
@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input_gives_a_lawful_service_or_one_line_that_says_why(name: str) -> None:
    found = BAD[name]
    environment = SimulatedEnvironment(found)
    if not found:
        with pytest.raises(ServerError, match="not simulated"):
            environment.service("s")
        return
    model = environment.model("s")
    left_out = [operation.reason for operation in model.operations.values() if operation.kind == "none"]
    assert all(reason and "\n" not in reason for reason in left_out)
    if model.reason:
        assert "\n" not in model.reason
        with pytest.raises(ServerError, match="can't be simulated"):
            environment.open(["s"], 0)
        return
    session = environment.open(["s"], 0)
    for one in found:
        for arguments in ({}, {"id": "x"}, {"id": None}, {"nope": [[]]}):
            result = session.call_now(one.key, arguments)
            assert result.content


@pytest.mark.requirement("simulated.bad_input")
def test_what_can_not_be_known_is_said_and_not_made_up() -> None:
    model = infer(BAD["a key nobody can produce"])
    assert model.operations["get_answer"].reason == "needs a `question` that no tool shows"
    assert "get_answer" not in model.simulated
    assert model.reason.startswith("s: needs a `question`")


@pytest.mark.requirement("simulated.bad_input")
def test_a_tool_that_no_call_can_satisfy_is_left_out_with_what_stands_in_the_way() -> None:
    operations = SimulatedEnvironment(BAD["bounds nobody meets"]).model("s").operations
    assert operations["create_pet"].reason == "no value of `age` is found that its schema allows"
    assert operations["create_cage"].reason == "its inputs are no object"
    assert operations["list_pets"].kind == "list"


@pytest.mark.requirement("simulated.checked")
def test_check_says_which_tools_are_left_out_and_why_and_that_the_laws_hold(tmp_path: Path) -> None:
    catalog = tmp_path / "c.jsonl.gz"
    odd = Tool(server=SERVER, name="predict_demand", input_schema={"type": "object", "properties": {"x": TEXT}})
    save([*tools(DESK), odd], catalog)
    done = CliRunner().invoke(command, ["check", str(catalog), SERVER])
    assert done.exit_code == 0, done.output
    assert "9 tools simulated, 1 left out" in done.output
    assert "left out: predict_demand: works something out" in done.output
    data = json.loads(CliRunner().invoke(command, ["check", str(catalog), SERVER, "--json"]).output)
    assert list(data["left_out"]) == ["predict_demand"]
    assert data["broken"] == []
    save([odd], catalog)
    assert CliRunner().invoke(command, ["check", str(catalog), SERVER]).exit_code == 1

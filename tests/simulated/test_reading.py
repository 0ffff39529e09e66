"""What tools are read as: by their verbs, their wrappers, and by what names a thing."""

import json

import pytest

from tdscaling.environments.simulated import SimulatedEnvironment, SimulatedSession
from tdscaling.environments.simulated.infer import infer
from tdscaling.types import JsonObject, JsonValue, Tool, ToolKey

TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}


def tool(name: str, description: str = "", output: JsonObject | None = None, **inputs: JsonObject) -> Tool:
    """A tool of which every input is required."""
    schema: JsonObject = {"type": "object", "properties": inputs, "required": sorted(inputs)}
    return Tool(server="s", name=name, description=description, input_schema=schema, output_schema=output)


def opened(*found: Tool) -> SimulatedSession:
    return SimulatedEnvironment(found, seed=4).open(["s"], 0)


def called(session: SimulatedSession, name: str, **arguments: JsonValue) -> JsonObject:
    result = session.call_now(ToolKey("s", name), arguments)
    value = json.loads(result.content)
    assert isinstance(value, dict)
    return value


def kind(one: Tool) -> str:
    return infer([one]).operations[one.name].kind


@pytest.mark.requirement("simulated.reads")
@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (tool("domain_report", "", domain=TEXT), "get"),
        (tool("site_scraper", "Scrapes one page", url=TEXT), "get"),
        (tool("ledger_payees", "Deploy Server Ledger Try in Playground ledger_payees"), "list"),
        (tool("label_values", "Get all values of one label", label=TEXT), "list"),
        (tool("sell_bet", "Sells a bet", bet_id=TEXT), "create"),
        (tool("compress_image", "", path=TEXT), "create"),
        (tool("acme_purchase_number", "Purchase a phone number", phone_number=TEXT), "create"),
        (tool("ingest_files", "Ingests files from a folder", path=TEXT), "create"),
        (tool("request_scan", "Request the service to scan a host", hosts=TEXT), "create"),
        (tool("batch_scrape", "Scrape many pages. Returns a job ID to ask with.", urls=TEXT), "create"),
        (tool("check_batch", "Check a batch. Returns a job ID and its state.", id=TEXT), "get"),
        (tool("create_forecast_agent", "Creates an agent that forecasts", topic=TEXT), "create"),
        (tool("undelegate", "Undelegate tokens from a validator", amount=WHOLE), "create"),
        (tool("uniform_price", "", lot=TEXT), "get"),
        (tool("label_issue", "Puts a label on an issue", issue_id=TEXT, label=TEXT), "update"),
    ],
    ids=lambda case: case.name if isinstance(case, Tool) else case,
)
def test_a_tool_reads_unless_its_name_or_its_description_says_that_it_changes_something(one: Tool, wanted: str) -> None:
    assert kind(one) == wanted


@pytest.mark.requirement("simulated.inferred")
def test_what_is_said_of_a_thing_and_given_is_set_in_the_thing() -> None:
    model = infer([tool("get_task", "", id=TEXT), tool("set_task_status", "Sets it", id=TEXT, status=TEXT)])
    assert {operation.entity for operation in model.operations.values()} == {"task"}


@pytest.mark.requirement("simulated.inferred")
def test_a_number_that_is_called_an_id_points_to_what_has_it() -> None:
    number: JsonObject = {"type": "number"}
    model = infer([tool("list_projects"), tool("add_wiki", "", project_id=number, text=TEXT, weight=number)])
    assert model.entities["wiki"].fields["project_id"].refers == "project"
    assert model.entities["project"].id_kind == "integer"
    session = opened(tool("list_projects"), tool("add_wiki", "", project_id=number, text=TEXT))
    (first, *_) = called(session, "list_projects")["projects"]  # type: ignore[misc]
    made = called(session, "add_wiki", project_id=int(first["id"]), text="Plan")  # type: ignore[index,call-overload]
    assert "error" not in made
    assert "error" in called(session, "add_wiki", project_id=1, text="Plan")


@pytest.mark.requirement("simulated.inferred")
def test_the_address_of_a_token_that_is_traded_is_no_credential() -> None:
    model = infer([tool("get_token", "Shows a token", token_address=TEXT), tool("list_coins", "", access_token=TEXT)])
    roles = {param.path: param.role for operation in model.operations.values() for param in operation.params}
    assert roles == {("token_address",): "key", ("access_token",): "context"}


@pytest.mark.requirement("simulated.reads")
@pytest.mark.parametrize("name", ["bmi_calculator", "geocode_address", "lint_code", "shopping_trend"])
def test_what_is_worked_out_is_left_out(name: str) -> None:
    (operation,) = infer([tool(name, "", x=TEXT)]).operations.values()
    assert operation.reason == "works something out that its schema does not define"


@pytest.mark.requirement("simulated.inferred")
def test_what_stands_in_one_wrapper_is_read_as_if_it_stood_alone() -> None:
    def wrapped(name: str, **inputs: JsonObject) -> Tool:
        return tool(name, "", params={"type": "object", "properties": inputs, "required": sorted(inputs)})

    session = opened(
        tool("list_users"), wrapped("get_user", user_id=TEXT), wrapped("update_user", user_id=TEXT, email=TEXT)
    )
    users = called(session, "list_users")["users"]
    assert isinstance(users, list)
    first = users[0]
    assert isinstance(first, dict)
    assert called(session, "get_user", params={"user_id": first["user_id"]}) == first
    changed = called(session, "update_user", params={"user_id": first["user_id"], "email": "a@b.example"})
    assert changed == {**first, "email": "a@b.example"}


@pytest.mark.requirement("simulated.inferred")
def test_an_identifier_that_some_tool_takes_as_a_number_is_written_in_digits() -> None:
    record: JsonObject = {"type": "object", "properties": {"id": TEXT, "title": TEXT}, "required": ["id"]}
    listed: JsonObject = {"type": "array", "items": record}
    session = opened(tool("list_notes", "", listed), tool("get_note", "", record, note_id=WHOLE))
    found = json.loads(session.call_now(ToolKey("s", "list_notes"), {}).content)
    assert found
    for note in found:
        assert note["id"].isdecimal()
        assert called(session, "get_note", note_id=int(note["id"])) == note


@pytest.mark.requirement("simulated.inferred")
def test_what_holds_many_things_or_a_whole_one_identifies_none() -> None:
    many: JsonObject = {"type": "array", "items": {"type": "object", "properties": {"title": TEXT}}}
    report: JsonObject = {"type": "object", "properties": {"report": {"type": "object", "properties": {"at": TEXT}}}}
    model = infer([tool("create_items", "", items=many), tool("get_item", "", item_id=TEXT), tool("create_item")])
    assert model.operations["create_items"].reason == "what `items` means can't be inferred"
    assert model.entities["item"].fields[model.entities["item"].identifier].schema["type"] == "string"
    model = infer([tool("create_report", "", report, title=TEXT), tool("delete_report", "", report_id=TEXT)])
    assert model.entities["report"].fields[model.entities["report"].identifier].schema.get("type") == "string"


@pytest.mark.requirement("simulated.inferred")
def test_a_token_names_the_thing_that_it_is_called_after() -> None:
    session = opened(tool("create_relay", "", title=TEXT), tool("remove_relay", "", relay_token=TEXT))
    token = called(session, "create_relay", title="A")["token"]
    assert called(session, "remove_relay", relay_token=token) == {"token": token, "deleted": True}
    assert "error" in called(session, "remove_relay", relay_token=token)


@pytest.mark.requirement("simulated.told")
def test_what_only_a_creating_tool_shows_is_told_of_what_was_there_before() -> None:
    found = [tool("create_card", "", title=TEXT), tool("get_card", "", card_id=TEXT)]
    environment = SimulatedEnvironment(found, seed=4)
    (sentence,) = environment.knowledge(["s"])
    session = environment.open(["s"], 0)
    error = session.call_now(ToolKey("s", "get_card"), {"card_id": "none"}).content
    told = [part for part in sentence.split("'") if part.startswith("car_")]
    assert len(told) == 2
    assert all(one in error for one in told)
    assert all(called(session, "get_card", card_id=one)["id"] == one for one in told)


@pytest.mark.requirement("simulated.told")
def test_a_thing_that_is_elsewhere_is_answered_with_those_that_are_there() -> None:
    found = [tool("get_event", "", owner=TEXT, repo=TEXT, event_id=WHOLE)]
    environment = SimulatedEnvironment(found, seed=4)
    sentence = environment.knowledge(["s"])[0].split("'")
    owners, repos = (sentence[1], sentence[5]), (sentence[3], sentence[7])
    session = environment.open(["s"], 0)

    def hinted(place: int) -> list[str]:
        arguments: JsonObject = {"owner": owners[place], "repo": repos[place], "event_id": 1}
        error = json.loads(session.call_now(ToolKey("s", "get_event"), arguments).content)["error"]["message"]
        return [part for part in error.split("'")[3::2] if part.isdecimal()]

    one, two = hinted(0), hinted(1)
    assert one
    assert two
    assert not {*one} & {*two}
    assert called(session, "get_event", owner=owners[1], repo=repos[1], event_id=int(two[0]))["owner"] == owners[1]
    elsewhere = called(session, "get_event", owner=owners[0], repo=repos[0], event_id=int(two[0]))["error"]
    assert isinstance(elsewhere, dict)
    assert "is elsewhere" in str(elsewhere["message"])
    assert one[0] in str(elsewhere["message"])
    mixed = called(session, "get_event", owner=owners[0], repo=repos[1], event_id=1)["error"]
    assert isinstance(mixed, dict)
    assert repos[0] in str(mixed["message"])


@pytest.mark.requirement("simulated.outputs")
def test_an_answer_that_went_well_tells_no_errors() -> None:
    output: JsonObject = {
        "type": "object",
        "required": ["items", "errors", "warnings", "error"],
        "properties": {
            "items": {"type": "array", "items": {"type": "object", "properties": {"id": TEXT}, "required": ["id"]}},
            "errors": {"type": "array", "items": TEXT},
            "warnings": {"type": "array", "items": TEXT},
            "error": {"type": "object"},
        },
    }
    answer = called(opened(tool("list_items", "", output)), "list_items")
    assert (answer["errors"], answer["warnings"], answer["error"]) == ([], [], {})


@pytest.mark.requirement("simulated.outputs")
def test_a_word_of_success_in_a_new_record_is_true() -> None:
    output: JsonObject = {
        "type": "object",
        "required": ["ok", "active", "id"],
        "properties": {"ok": {"type": "boolean"}, "active": {"type": "boolean"}, "id": TEXT},
    }
    answer = called(opened(tool("create_item", "", output, title=TEXT)), "create_item", title="Lamp")
    assert (answer["ok"], answer["active"]) == (True, False)


@pytest.mark.requirement("simulated.inferred", "simulated.listing")
def test_one_input_that_is_called_a_request_is_read_as_what_it_holds() -> None:
    status: JsonObject = {"type": "string", "enum": ["open", "shut"]}
    held: JsonObject = {"type": "object", "properties": {"status": status, "limit": WHOLE}}
    session = opened(tool("list_orders", list_order_requests=held), tool("create_order", status=status))
    shown = called(session, "list_orders", list_order_requests={"status": "open", "limit": 2})["orders"]
    assert isinstance(shown, list)
    assert {order["status"] for order in shown if isinstance(order, dict)} == {"open"}
    assert len(shown) == 2


@pytest.mark.requirement("simulated.listing")
def test_a_page_is_as_long_as_its_parameter_says_where_none_is_asked_for() -> None:
    size: JsonObject = {"type": "integer", "description": "Items of a page, it is set to 3 by default."}
    listing = Tool(server="s", name="list_orders", input_schema={"type": "object", "properties": {"limit": size}})
    shown = called(opened(listing), "list_orders")["orders"]
    assert isinstance(shown, list)
    assert len(shown) == 3


@pytest.mark.requirement("simulated.typed")
def test_inputs_that_are_not_supported_are_named_in_one_line() -> None:
    more: JsonObject = {"type": "object", "properties": {f"odd_{n}": {"type": "object"} for n in range(9)}}
    session = opened(Tool(server="s", name="get_order", input_schema=more))
    one, all_nine = ({f"odd_{n}": {} for n in range(size)} for size in (1, 9))
    assert "odd_0 is not supported" in session.call_now(ToolKey("s", "get_order"), one).content
    assert "odd_7 and 1 more are not supported" in session.call_now(ToolKey("s", "get_order"), all_nine).content

"""The laws of simulated services, over a generated family and over real clusters."""

import json
import zlib
from functools import cache
from pathlib import Path
from random import Random

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.simulated.family import DESK, SERVER, Style, styles, tools

from tdscaling.catalog.corpus import line_tool, lines
from tdscaling.config.simulation import SimulationSettings
from tdscaling.environments.simulated import SimulatedEnvironment, SimulatedSession
from tdscaling.environments.simulated.arguments import arguments_for
from tdscaling.environments.simulated.laws import violations
from tdscaling.environments.simulated.store import Store
from tdscaling.environments.simulated.trial import Trial
from tdscaling.types import JsonObject, JsonValue, Tool, ToolKey, diff

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
QUIET = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def desk(style: Style) -> SimulatedEnvironment:
    return SimulatedEnvironment(tools(style), worlds=1001, seed=1)


def opened(style: Style = DESK, seed: int = 1, world: int = 0) -> SimulatedSession:
    environment = desk(style) if seed == 1 else SimulatedEnvironment(tools(style), worlds=3, seed=seed)
    return environment.open([SERVER], world)


def said(session: SimulatedSession, name: str, arguments: JsonObject) -> dict[str, JsonValue]:
    result = session.call_now(ToolKey(SERVER, name), arguments)
    assert not result.is_error, result.content
    return json.loads(result.content)


def code(session: SimulatedSession, name: str, arguments: JsonObject) -> str:
    result = session.call_now(ToolKey(SERVER, name), arguments)
    assert result.is_error, result.content
    return json.loads(result.content)["error"]["code"]


@pytest.mark.requirement(
    "simulated.laws", "simulated.create_get", "simulated.update", "simulated.delete", "simulated.listing",
    "simulated.unchanged", "simulated.never_raises",
)  # fmt: skip
@given(style=styles(), seed=st.integers(0, 1000))
@QUIET
def test_every_service_of_the_family_keeps_all_laws_with_all_of_its_tools(style: Style, seed: int) -> None:
    environment = desk(style)
    service = environment.service(SERVER)
    assert len(service.model.simulated) == 9, [op for op in service.model.operations.values() if op.kind == "none"]
    trial = Trial(service, environment.template(SERVER, seed), Random(seed))
    assert violations(trial) == []
    assert trial.calls > 3
    assert trial.refused == 0


@pytest.mark.requirement("simulated.seeded", "simulated.snapshot")
@given(style=styles(), seed=st.integers(0, 50), choices=st.lists(st.integers(0, 8), max_size=8))
@QUIET
def test_the_same_calls_on_the_same_world_give_the_same_bytes_and_state(
    style: Style, seed: int, choices: list[int]
) -> None:
    runs = []
    for _ in range(2):
        environment = desk(style)
        service = environment.service(SERVER)
        store, rng, seen = Store(environment.template(SERVER, seed)), Random(seed), []
        for choice in choices:
            name = service.model.simulated[choice]
            arguments = arguments_for(service, store, service.model.operations[name], rng, share=0.5)
            seen.append(service.call(store, name, arguments or {}).content)
        runs.append((seen, store.snapshot()))
    assert runs[0] == runs[1]


@pytest.mark.requirement("simulated.seeded")
def test_another_seed_is_another_world() -> None:
    assert opened(seed=1).snapshot_now() != opened(seed=2).snapshot_now()
    assert opened(world=0).snapshot_now() != opened(world=1).snapshot_now()


@pytest.mark.requirement("simulated.snapshot")
def test_a_difference_of_states_reads_as_what_was_done() -> None:
    session = opened()
    before = session.snapshot_now()
    ticket = said(session, "list_tickets", {"status": "open"})["tickets"][0]
    said(session, "update_ticket", {"ticket_id": ticket["id"], "title": "Printer on fire"})
    changes = diff(before, session.snapshot_now())
    assert changes == ((f"ticket[{ticket['id']}].title", "changed", "Printer on fire"),)
    said(session, "update_ticket", {"ticket_id": ticket["id"], "title": ticket["title"]})
    assert session.snapshot_now() == before


@pytest.mark.requirement("simulated.moves", "simulated.typed")
def test_a_ticket_is_closed_once_and_opened_again_only_when_it_is_closed() -> None:
    session = opened()
    ticket = said(session, "list_tickets", {"status": "open"})["tickets"][0]["id"]
    assert code(session, "reopen_ticket", {"ticket_id": ticket}) == "conflict"
    assert said(session, "close_ticket", {"ticket_id": ticket})["status"] == "closed"
    assert code(session, "close_ticket", {"ticket_id": ticket}) == "conflict"
    assert said(session, "reopen_ticket", {"ticket_id": ticket})["status"] == "open"


@pytest.mark.requirement("simulated.references", "simulated.typed")
def test_a_ticket_for_an_unknown_customer_fails_and_leaves_nothing() -> None:
    session = opened()
    before = session.snapshot_now()
    assert code(session, "create_ticket", {"title": "x", "customer_id": "nobody"}) == "not_found"
    assert code(session, "get_ticket", {"ticket_id": 424242}) == "not_found"
    assert code(session, "get_ticket", {"ticket_id": "one"}) == "validation"
    assert session.snapshot_now() is before


@pytest.mark.requirement("simulated.below_zero")
def test_an_amount_below_zero_is_refused_though_the_schema_is_silent() -> None:
    bare = tools(DESK)
    for tool in bare:
        amount = tool.input_schema["properties"].get("amount")  # type: ignore[union-attr]
        if isinstance(amount, dict):
            amount.pop("minimum", None)
    session = SimulatedEnvironment(bare).open([SERVER], 0)
    customer = said(session, "list_customers", {})["customers"][0]["id"]
    assert code(session, "create_ticket", {"title": "x", "customer_id": customer, "amount": -1}) == "validation"


@pytest.mark.requirement("simulated.delete")
def test_an_empty_customer_list_is_never_left_by_a_deleted_ticket() -> None:
    session = opened()
    ticket = said(session, "list_tickets", {})["tickets"][0]["id"]
    said(session, "delete_ticket", {"ticket_id": ticket})
    assert code(session, "get_ticket", {"ticket_id": ticket}) == "not_found"
    assert ticket not in [one["id"] for one in said(session, "list_tickets", {})["tickets"]]


@pytest.mark.requirement("simulated.outputs")
@given(style=styles(), seed=st.integers(0, 50))
@QUIET
def test_every_answer_obeys_the_output_schema_of_its_tool(style: Style, seed: int) -> None:
    environment = desk(style)
    service = environment.service(SERVER)
    for name in service.model.simulated:
        store = Store(environment.template(SERVER, seed))
        arguments = arguments_for(service, store, service.model.operations[name], Random(seed), share=0.5)
        schema = service.tools[name].output_schema
        result = service.call(store, name, arguments or {})
        if schema is not None and not result.is_error:
            jsonschema.validate(json.loads(result.content), dict(schema))


@pytest.mark.requirement("simulated.corpora")
@pytest.mark.corpora
@pytest.mark.parametrize("spec", ["xeroapi__xero-projects.yaml", "xeroapi__xero_assets.yaml"])
async def test_services_of_real_specifications_keep_all_laws(spec: str) -> None:
    from tdscaling.catalog import build

    path = CORPORA / "openapi-small" / spec
    if not path.exists():
        pytest.skip(f"{path} is absent")
    found = list((await build([path])).tools)
    environment = SimulatedEnvironment(found, seed=zlib.crc32(spec.encode()))
    server = found[0].server
    trial = Trial(environment.service(server), environment.template(server, 0), Random(99))
    assert violations(trial) == []
    assert len(environment.model(server).simulated) > 0.8 * len(found)


@pytest.mark.requirement("simulated.corpora")
@pytest.mark.corpora
def test_servers_of_the_real_mcp_corpus_keep_all_laws_or_say_why_not() -> None:
    path = CORPORA / "mcp-tools.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    by_server: dict[str, list] = {}
    for number, line in lines(path):
        if number > 4000:
            break
        tool = line_tool(line)
        by_server.setdefault(tool.server, []).append(tool)
    for server in Random(3).sample(sorted(by_server), 12):
        environment = SimulatedEnvironment(by_server[server][:40])
        service = environment.service(server)
        if service.model.reason:
            assert "\n" not in service.model.reason
            continue
        assert violations(Trial(service, environment.template(server, 0), Random(77))) == [], server


@given(size=st.integers(2, 12), limit=st.integers(1, 12), seed=st.integers(0, 200))
@QUIET
def test_a_filter_is_judged_by_all_there_is_though_a_list_is_cut_at_its_limit(size: int, limit: int, seed: int) -> None:
    shown: JsonObject = {"type": "string"}
    fields: JsonObject = {"city": shown, "limit": {"type": "integer", "default": limit}}
    listing = Tool(server=SERVER, name="list_offices", input_schema={"type": "object", "properties": fields})
    environment = SimulatedEnvironment([listing], SimulationSettings(size=size), worlds=201)
    assert list(environment.model(SERVER).simulated) == ["list_offices"]
    trial = Trial(environment.service(SERVER), environment.template(SERVER, seed), Random(seed))
    assert violations(trial) == []


@pytest.mark.parametrize(
    "shown", [{"id": "t7"}, {"ticket": {"id": "t7"}}, {"ticket": {"ticket_id": "t7"}}, {"ticket": "t7"}]
)
def test_a_shown_record_is_known_by_its_identifier_also_in_an_envelope_called_as_it_is(shown: JsonObject) -> None:
    environment = desk(Style("ticket", "integer", "none", True, False))
    service = environment.service(SERVER)
    trial = Trial(service, environment.template(SERVER, 0), Random(0))
    entity = service.model.entities["ticket"]
    assert trial.named(shown, entity, entity.identifier) == "t7"
    assert trial.named({"ticket": {"subject": "x"}}, entity, entity.identifier) is None

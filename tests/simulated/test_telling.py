"""What tells a thing from others, and calls that a service must accept."""

import re
from dataclasses import replace
from random import Random

import pytest
from tests.simulated.family import SERVER
from tests.simulated.test_relations import TEXT, many, opened, record, refused, rest, said

from tdscaling.environments.simulated import SimulatedEnvironment
from tdscaling.environments.simulated.laws import violations
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.trial import Trial
from tdscaling.types import JsonObject, Tool

SHEET: JsonObject = {"type": "object", "properties": {"book_id": TEXT, "title": TEXT}, "required": ["book_id"]}
ONE_SHEET = {**SHEET, "properties": {"book_id": TEXT, "sheet_id": TEXT}}
BOOKS = [
    Tool(server=SERVER, name="list_books", input_schema={"type": "object"}),
    Tool(server=SERVER, name="create_sheet", input_schema=SHEET),
    Tool(server=SERVER, name="get_sheet", input_schema=ONE_SHEET),
]


@pytest.mark.requirement("simulated.create_get")
def test_a_thing_is_got_by_its_own_optional_id_beside_the_required_one_of_what_holds_it() -> None:
    session = opened(BOOKS)
    book = said(session, "list_books")["books"][0]["id"]  # type: ignore[index,call-overload]
    made = [said(session, "create_sheet", book_id=book, title="Costs") for _ in range(2)]
    for one in made:
        assert said(session, "get_sheet", book_id=book, sheet_id=one["id"]) == one


@pytest.mark.requirement("simulated.laws")
@pytest.mark.parametrize("seed", range(6))
def test_the_trial_sees_whatever_is_drawn_that_a_thing_is_not_told_from_another_beside_it(seed: int) -> None:
    """The service is bent: what is got is named by the book that holds it alone."""
    environment = SimulatedEnvironment(BOOKS, seed=4)
    service = environment.service(SERVER)
    get = service.model.operations["get_sheet"]
    bent = replace(get, params=tuple(param for param in get.params if param.path == ("book_id",)))
    model = replace(service.model, operations={**service.model.operations, "get_sheet": bent})
    trial = Trial(Service(model, service.tools), environment.template(SERVER, 0), Random(seed))
    assert "get_sheet" in {found.tool for found in violations(trial) if found.law == "create then get"}


@pytest.mark.requirement("simulated.inferred")
def test_what_is_named_by_nothing_that_tells_it_from_others_is_left_out() -> None:
    optional: JsonObject = {"type": "object", "properties": {"book_id": TEXT}}
    found = [*BOOKS[:2], Tool(server=SERVER, name="get_sheet", input_schema=optional)]
    model = SimulatedEnvironment(found, seed=4).model(SERVER)
    assert model.operations["get_sheet"].reason == "does not say which sheet"
    assert model.operations["create_sheet"].kind == "create"


@pytest.mark.requirement("simulated.inferred")
def test_one_of_a_kind_is_got_and_changed_though_its_name_is_plural() -> None:
    shown: JsonObject = {"type": "object", "properties": {"colour": TEXT}}
    found = [
        rest("GET", "/notification_settings", "get_notification_settings", shown),
        rest("PUT", "/notification_settings", "put_notification_settings", shown, colour=TEXT),
    ]
    session = opened(found)
    said(session, "put_notification_settings", colour="green")
    assert said(session, "get_notification_settings")["colour"] == "green"


@pytest.mark.requirement("simulated.inferred")
def test_what_is_put_to_a_collection_under_the_name_of_creating_is_created() -> None:
    quote = record(title=TEXT)
    found = [
        rest("GET", "/quotes", "list_quotes", many(quote)),
        rest("PUT", "/quotes", "create_quote", quote, title=TEXT),
    ]
    session = opened(found)
    made = said(session, "create_quote", title="Roof")
    listed = said(session, "list_quotes")["data"]
    assert isinstance(listed, list)
    assert made in listed


@pytest.mark.requirement("simulated.update")
def test_a_valid_update_whose_body_names_the_thing_again_gives_its_own_identifier() -> None:
    item = record(title=TEXT)
    change = rest("PUT", "/items/{item_id}", "update_item", item, body=item)
    environment = SimulatedEnvironment([rest("GET", "/items", "list_items", many(item)), change], seed=4)
    service, world = environment.service(SERVER), environment.template(SERVER, 0)
    for seed in range(5):
        trial = Trial(service, world, Random(seed))
        made = trial.valid(trial.store(), service.model.operations["update_item"], share=1.0)
        assert made is not None
        assert made[0]["body"]["id"] == made[0]["item_id"]  # type: ignore[index,call-overload]
        assert not made[1].is_error


@pytest.mark.requirement("simulated.moves")
def test_a_valid_move_starts_where_it_may() -> None:
    order = record(status={"type": "string", "enum": ["open", "cancelled"]})
    found = [
        rest("GET", "/orders", "list_orders", many(order)),
        rest("POST", "/orders/{order_id}/cancel", "cancel_order", order),
    ]
    environment = SimulatedEnvironment(found, seed=4)
    service, world = environment.service(SERVER), environment.template(SERVER, 0)
    for seed in range(8):
        trial = Trial(service, world, Random(seed))
        made = trial.valid(trial.store(), service.model.operations["cancel_order"])
        assert made is not None
        assert not made[1].is_error


@pytest.mark.requirement("simulated.told", "simulated.listing")
def test_several_things_that_are_told_are_asked_for_at_once_and_one_that_is_none_is_named() -> None:
    both: JsonObject = {"type": "object", "properties": {"account_ids": {"type": "array", "items": TEXT}}}
    session = opened([Tool(server=SERVER, name="list_prices", input_schema={**both, "required": ["account_ids"]})])
    told = re.findall(r"'([^']+)'", refused(session, "list_prices", account_ids=["none"]).partition("there are")[2])
    assert len(told) == 2
    one, two = (said(session, "list_prices", account_ids=names)["total"] for names in (told[:1], told))
    assert int(str(two)) > int(str(one)) > 0
    assert "there is no account_ids 'none'" in refused(session, "list_prices", account_ids=[told[0], "none"])

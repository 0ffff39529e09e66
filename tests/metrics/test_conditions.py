"""Which calls a condition that a user spoke has chosen."""

import pytest
from tests.metrics.labelled import read

DAY = '"2026-02-15T15:32:00Z"'
ENTRIES = r'[{"entryId": "e-1", "date": "2026-02-15T15:32:00Z"}, {"entryId": "e-2", "date": "2026-03-01T08:00:00Z"}]'


def chosen(text: str) -> list[int]:
    """The actions that the detector finds, by their numbers."""
    (item,) = read(f"== one | \n{text}")
    return [hit.action for hit in item.detect() if hit.mode == "conditional" and hit.action is not None]


@pytest.mark.parametrize(
    ("value", "tool"),
    [
        (DAY, "render_report"),
        ('"2026-03-01T08:00:00Z"', "list_users"),
        ("“2026-02-15T15:32:00Z”", "render_report"),
        ("'on hold, see note. No date'", "list_users"),
    ],
)
def test_a_quoted_value_is_one_value_and_of_the_first_where_that_is_asked_for(value: str, tool: str) -> None:
    asked = f"u: List the entries. If the date of the first entry is {value}, render the report. Otherwise list users."
    for called in ("render_report", "list_users"):
        made = f'{asked}\n> list_entries()\n< {ENTRIES}\n> {called}()\n< {{"ok": true}}'
        assert chosen(made) == ([1] if called == tool else []), called


def test_the_field_that_a_condition_names_first_is_the_one_that_is_looked_at() -> None:
    asked = 'u: If the username of the first email is "arthur7", list users. Otherwise render the report.'
    emails = '[{"email": "a@x.org", "username": "arthur7"}]'
    assert chosen(f"{asked}\n> get_emails()\n< {emails}\n> list_users()\n< []") == [1]


def test_a_bound_with_decimals_is_read_whole() -> None:
    asked = "u: Check bill B-7. If its amount is above 99.50, ask_manager about it, otherwise pay_bill."
    for amount, called in ((120, "ask_manager"), (99.4, "pay_bill")):
        made = f'{asked}\n> get_bill(id="B-7")\n< {{"amount": {amount}}}\n> {called}(id="B-7")\n< ok'
        assert chosen(made) == [1]


@pytest.mark.parametrize(("cue", "actions"), [("If", [1]), ("From now on, if", [1, 3])])
def test_a_condition_is_done_with_when_the_user_speaks_again_after_it_was_carried_out(
    cue: str, actions: list[int]
) -> None:
    asked = f'u: Show order O-1. {cue} the status is "open", cancel the order, otherwise archive the order.'
    order = '< {"status": "open"}'
    first = f'> get_order(id="O-1")\n{order}\n> cancel_order(id="O-1")\n< ok\na: Done.'
    again = f'u: Please cancel order O-2.\n> get_order(id="O-2")\n{order}\n> cancel_order(id="O-2")\n< ok\na: Done.'
    assert chosen(f"{asked}\n{first}\n{again}") == actions


def test_a_condition_of_the_plan_is_done_with_once_it_was_carried_out() -> None:
    planned = "c: status: open=cancel_order, *=archive_order\nu: See to O-1, and cancel O-2."
    first = '> get_order(id="O-1")\n< {"status": "open"}\n> cancel_order(id="O-1")\n< ok'
    assert chosen(f'{planned}\n{first}\n> cancel_order(id="O-2")\n< ok\na: Done.') == [1]


def test_a_condition_of_the_plan_chooses_no_call_before_its_value_was_told() -> None:
    planned = "c: status: open=cancel_order, *=archive_order\nu: Look at O-1, then archive O-2."
    before = '> get_order(id="O-1")\n< {"status": "shut"}\n> archive_order(id="O-2")\n< ok\na: Done.'
    told = 'u: And O-3: if it is open, cancel it.\n> get_order(id="O-3")\n< {"status": "open"}'
    assert chosen(f'{planned}\n{before}\n{told}\n> cancel_order(id="O-3")\n< ok') == [3]


def test_what_is_asked_for_after_an_otherwise_is_no_part_of_it() -> None:
    asked = (
        'u: If the name of the first driver is "Kay", list devices. Otherwise show events. Next, delete the device 15.'
    )
    assert chosen(f'{asked}\n> get_drivers()\n< [{{"name": "Kay"}}]\n> get_devices()\n< []') == [1]

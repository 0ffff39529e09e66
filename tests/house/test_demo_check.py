"""CI's check of a demo run, and the example that the README shows of one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from scripts.check_demo import export_promises, promises, summary_promises
from scripts.readme_example import LONGEST, PLACE, chosen, cut, placed, shown
from tests.house.files import ROOT
from tests.store.sample import TARGET, dialogue

from tdscaling.errors import DataError
from tdscaling.export import EXPORTERS, record_of
from tdscaling.store import DescriptorRow
from tdscaling.types import MODES, Check, Descriptor, Trajectory, Verdict


def rows(count: int = 108, modes: int = 9, domains: int = 4, bands: int = 4, crossing: int = 20) -> list[DescriptorRow]:
    """Kept rows spread evenly; the first `crossing` of them across two servers."""
    return [
        DescriptorRow(
            item=f"item{n}",
            id=f"id{n}",
            order=n,
            kept=True,
            reason="",
            descriptor=Descriptor(
                domain=f"domain {n % domains}",
                modes=(MODES[n % modes],),
                primary_mode=MODES[n % modes],
                cac=5.0,
                band=n % bands,
                calls=2,
                turns=1,
                servers=("git", "excel") if n < crossing else ("git",),
            ),
            messages=8,
        )
        for n in range(count)
    ]


def broken(found: list[DescriptorRow], **counts: int) -> list[str]:
    """The promises that the rows break, by their first words."""
    funnel = {"planned": len(found) + 5, "rejected: no_plan": 3, "failed: replay": 2, "kept": len(found)} | counts
    ids = [row.id for row in found]
    return [promise.text for promise in promises(found, funnel, ids) if not promise.held]


@pytest.mark.requirement("house.demo_checked")
def test_a_run_that_keeps_all_promises_breaks_none() -> None:
    assert not broken(rows())


@pytest.mark.requirement("house.demo_checked")
@pytest.mark.parametrize(
    ("found", "said"),
    [
        (rows(count=99), "99 kept trajectories, 100 asked"),
        (rows(modes=8), "8 primary modes of 12, 9 asked"),
        (rows(domains=3), "3 domains, 4 asked"),
        (rows(bands=3), "3 complexity bands of 6, 4 asked"),
        (rows(crossing=0), "0 episodes across servers, 108 within one"),
        (rows(crossing=108), "108 episodes across servers, 0 within one"),
    ],
)
def test_a_promise_that_a_run_breaks_is_named(found: list[DescriptorRow], said: str) -> None:
    [text] = broken(found)
    assert text.startswith(said)


@pytest.mark.requirement("house.demo_checked")
def test_a_doubled_trajectory_and_a_funnel_that_does_not_add_up_are_seen() -> None:
    doubled = rows()
    doubled[1] = replace(doubled[1], id=doubled[0].id)
    assert broken(doubled) == ["no trajectory is there twice"]
    assert [text.split(":")[0] for text in broken(rows(), planned=200)] == ["the funnel adds up"]


@pytest.mark.requirement("house.demo_checked")
def test_a_summary_that_says_something_else_than_the_run_is_seen() -> None:
    assert not [
        promise for promise in summary_promises({"kept": 2, "cross_server": 1}, rows(2, crossing=1)) if not promise.held
    ]
    told = summary_promises({"kept": 3, "cross_server": 0}, rows(2, crossing=1))
    assert [promise.held for promise in told] == [False, False]


@pytest.mark.requirement("house.demo_checked")
def test_an_export_that_lacks_a_row_or_can_not_be_read_is_seen(tmp_path: Path) -> None:
    good = json.dumps(EXPORTERS["openai"].record(record_of(trajectory())))
    for name, text in (("a", f"{good}\n{good}\n"), ("b", f"{good}\n"), ("c", f"{good}\nnonsense\n")):
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    assert [promise.held for promise in export_promises(tmp_path, 2)] == [True, True, False, False]
    assert [promise.held for promise in export_promises(tmp_path / "nowhere", 2)] == [False]


@pytest.mark.requirement("house.demo_checked")
def test_none_is_no_mode() -> None:
    found = [
        replace(row, descriptor=replace(row.descriptor, primary_mode="none"))
        if row.descriptor.primary_mode == MODES[0]
        else row
        for row in rows()
    ]
    assert broken(found)[0].startswith("8 primary modes")


def trajectory() -> Trajectory:
    return Trajectory(
        id="f00d",
        dialogue=dialogue(),
        target=TARGET,
        descriptor=rows()[0].descriptor,
        verdict=Verdict((Check(name="schema", passed=True), Check(name="replay", passed=True))),
    )


@pytest.mark.requirement("house.example")
def test_the_example_has_every_message_call_and_result_of_the_trajectory() -> None:
    text = shown(trajectory())
    for message in dialogue().messages:
        assert cut(message.content) in text
        for call in message.tool_calls:
            assert f"→ {call.name}(" in text
    assert "↳ error: fatal: bad revision" in text
    assert "Checks passed: `schema`, `replay`." in text
    assert "id `f00d`" in text


@pytest.mark.requirement("house.example")
def test_a_long_text_is_visibly_cut() -> None:
    assert cut("word " * 200).endswith("…")
    assert len(cut("x" * 1000)) == LONGEST
    assert cut("two\nlines") == "two lines"


@pytest.mark.requirement("house.example")
def test_the_example_is_the_widest_trajectory_that_chains_results_across_servers() -> None:
    found = rows(modes=12, crossing=24)
    assert {found[10].descriptor.primary_mode, found[22].descriptor.primary_mode} == {"sequential"}
    assert chosen([*found[:22], replace(found[22], messages=7)]) == found[22].id
    wide = replace(found[2], descriptor=replace(found[2].descriptor, modes=("direct", "sequential")))
    assert chosen([*found[:2], wide, *found[3:10]]) == wide.id
    assert chosen(rows(count=1, crossing=0)) == "id0"
    with pytest.raises(DataError, match="no kept trajectory"):
        chosen([])


@pytest.mark.requirement("house.example")
def test_a_new_example_takes_the_place_of_the_old_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    once = placed(readme, "the first \\1 example\n")
    twice = placed(once, "another example\n")
    assert "the first \\1 example" in once
    assert "another example" in twice
    assert "the first \\1 example" not in twice
    assert PLACE.sub("", readme) == PLACE.sub("", twice)
    with pytest.raises(DataError):
        placed("no marks", "text")


@pytest.mark.requirement("house.example")
def test_the_readme_shows_nothing_or_a_trajectory_with_its_id_and_checks() -> None:
    match = PLACE.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert match
    text = match[0].removeprefix(match[1]).removesuffix(match[2])
    assert not text or ("· id `" in text and "Checks passed:" in text)

"""Which plans a model plays, how what was played is kept, and what the report makes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.scaling.pools import samples
from tests.scaling.test_findings import by_diversity, results

from tdscaling.config.experiment import EvaluationSettings, HeldOutSettings
from tdscaling.errors import DataError
from tdscaling.llm import Model, ScriptedModel
from tdscaling.scaling.document import Table
from tdscaling.scaling.findings import sections
from tdscaling.scaling.heldout import split
from tdscaling.scaling.playing import Played, play, played_in, wanted
from tdscaling.scaling.results import BASE, level

SETTINGS = EvaluationSettings(episodes=2, code_tasks=1)


@dataclass
class Scene:
    """A stage on which every other plan succeeds; after `ends` of them the process dies."""

    ends: int = 100
    asked: list[str] = field(default_factory=list[str])

    def playable(self, ids: Sequence[str]) -> Sequence[str]:
        return [name for name in ids if not name.endswith("3")]

    def play(self, ids: Sequence[str], model: Model, tell: Callable[[str, str], None]) -> None:
        for name in ids:
            if len(self.asked) == self.ends:
                raise KeyboardInterrupt
            self.asked.append(name)
            tell(name, "" if len(self.asked) % 2 else "effects")


@pytest.mark.requirement("scaling.played")
def test_the_first_plans_of_each_set_that_can_be_played_are_and_too_few_are_refused(tmp_path: Path) -> None:
    held = split(samples(tmp_path), HeldOutSettings(unseen=6, seen=3, code=2))
    found = wanted(held, SETTINGS, Scene())
    first = [one.id for one in held.unseen if not one.id.endswith("3")][:2]
    assert list(found.items())[:2] == [(name, "unseen") for name in first]
    assert list(found.values()) == ["unseen", "unseen", "code"]
    assert wanted(held, EvaluationSettings(), Scene()) == {}
    with pytest.raises(DataError, match=r"evaluation\.code_tasks asks for 9, and 2 of 2 held-out trajectories can"):
        wanted(held, EvaluationSettings(code_tasks=9), Scene())


@pytest.mark.requirement("scaling.played", "scaling.resumed")
def test_what_was_played_is_not_played_again_and_a_torn_line_is(tmp_path: Path) -> None:
    groups = {"a": "unseen", "b": "unseen", "c": "code"}
    killed, model = Scene(ends=2), ScriptedModel([])
    with pytest.raises(KeyboardInterrupt):
        play(killed, groups, model, tmp_path, SETTINGS)
    (path,) = tmp_path.glob("played-*")
    path.write_text(path.read_text(encoding="utf-8")[:-5], encoding="utf-8")
    after = Scene()
    play(after, groups, model, tmp_path, SETTINGS)
    assert (killed.asked, after.asked) == (["a", "b"], ["b", "c"])
    rows = played_in(tmp_path, SETTINGS)
    assert [(row.id, row.passed, row.reason) for row in rows.values()] == [
        ("a", 1, ""),
        ("b", 1, ""),
        ("c", 0, "effects"),
    ]
    assert played_in(tmp_path, EvaluationSettings(answer_tokens=9)) == {}
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match="is damaged"):
        played_in(tmp_path, SETTINGS)


@pytest.mark.requirement("scaling.played", "scaling.report")
def test_the_report_sets_success_and_forgetting_beside_the_untrained_model() -> None:
    def played(passed: Sequence[int]) -> tuple[Played, ...]:
        return tuple(
            Played(id=str(place), group="code" if place > 1 else "unseen", passed=one, reason="" if one else "effects")
            for place, one in enumerate(passed)
        )

    found = [
        replace(one, played=played([0, 0, 1, 1] if one.name == BASE else [1, 0, 0, 1][: 3 + (one.seed > 1)]))
        for one in results(by_diversity, (1, 2))
    ]
    (section,) = [one for one in sections(level(found)) if one.title.startswith("Played")]
    idle = replace(found[-1], name="n 9, 2 cells", played=())
    assert section in sections(level([*found, idle]))  # an arm that has played nothing yet is left out
    table = section.parts[1]
    assert isinstance(table, Table)
    assert table.rows[:2] == (
        (BASE, "unseen", "1", "0 of 2", "0.0% [0.0%, 0.0%]", "none"),
        (BASE, "code", "1", "1 of 1", "100.0% [100.0%, 100.0%]", "none"),  # of the second not all arms have a figure
    )
    assert table.rows[2][:4] == ("n 4, 2 cells", "unseen", "2", "2 of 4")
    assert table.rows[2][5].startswith("+50.0 points")
    assert table.rows[3][5] == "-100.0 points [-100.0, -100.0]"

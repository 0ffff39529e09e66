"""The manifest and the tests agree in both directions."""

import re
from pathlib import Path

from tests.requirements import GAPS, promises

NAMED = re.compile(r"mark\.requirement\(\s*((?:\"[^\"]+\",?\s*)+)\)")
TESTS = Path(__file__).parent


def named_by_tests() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for group in NAMED.findall(path.read_text(encoding="utf-8")):
            for name in re.findall(r'"([^"]+)"', group):
                found.setdefault(name, str(path.relative_to(TESTS)))
    return found


def test_every_promise_is_shown_by_a_test_or_listed_as_a_gap() -> None:
    unshown = set(promises()) - set(named_by_tests()) - set(GAPS)
    assert not unshown, f"promises that no test names: {sorted(unshown)}"


def test_every_requirement_named_by_a_test_is_in_the_manifest() -> None:
    unknown = {name: path for name, path in named_by_tests().items() if name not in promises()}
    assert not unknown


def test_a_gap_names_a_promise_and_is_not_shown_by_a_test() -> None:
    assert set(GAPS) <= set(promises())
    assert not set(GAPS) & set(named_by_tests())

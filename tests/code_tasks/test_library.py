"""The library of programs, what is changed in them, and how their files are edited."""

import ast
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.code_tasks.editing import difference, unique
from tdscaling.code_tasks.implementing.families import FAMILIES
from tdscaling.code_tasks.implementing.task import stub
from tdscaling.code_tasks.library import PROGRAMS, cases, program
from tdscaling.code_tasks.mutations import mutants


@pytest.mark.requirement("code_tasks.library")
def test_there_are_at_least_thirty_programs_each_with_cases_that_tell_results_apart() -> None:
    assert len(PROGRAMS) >= 30
    for name in PROGRAMS:
        found = cases(name, 3)
        assert len(found) >= 10
        assert len({repr(case.as_json()) for case in found}) >= 2, name


@pytest.mark.requirement("code_tasks.library")
def test_every_mutant_is_valid_python_that_differs_in_one_place() -> None:
    kinds: set[str] = set()
    for name in PROGRAMS:
        source = program(name).source
        for mutant in mutants(source, Random(1)):
            ast.parse(mutant.source)
            assert mutant.source != source
            back = mutant.source[: mutant.start] + mutant.old + mutant.source[mutant.start + len(mutant.new) :]
            assert back == source
            kinds.add(mutant.kind)
    assert kinds >= {"comparison", "operator", "off by one", "wrong default", "swapped arguments", "missing case"}


@pytest.mark.requirement("code_tasks.implement")
def test_a_stub_keeps_the_docstring_and_nothing_of_the_body() -> None:
    for name in PROGRAMS:
        text = stub(program(name))
        function = next(node for node in ast.parse(text).body if getattr(node, "name", "") == program(name).function)
        assert isinstance(function, ast.FunctionDef)
        assert ast.get_docstring(function)
        assert ast.unparse(function.body[-1]) == "raise NotImplementedError"
        assert len(function.body) == 2


@pytest.mark.requirement("code_tasks.implement", "code_tasks.seeded")
def test_a_family_gives_many_specifications_and_the_same_for_the_same_seed() -> None:
    for family in FAMILIES:
        specs = [family(Random(seed)) for seed in range(12)]
        assert len({spec.source for spec in specs}) > 5
        assert all(ast.parse(spec.source) and spec.rules for spec in specs)
        again = family(Random(4))
        assert (again.source, again.rules) == (specs[4].source, specs[4].rules)


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=8), st.integers(0, 7), st.sampled_from(["x\n", "", "b\ny\n"])
)
def test_replacing_the_unique_passage_turns_one_text_into_the_other(lines: list[str], place: int, new: str) -> None:
    before = "".join(f"{line}\n" for line in lines)
    place = place % len(lines)
    after = "".join(new if number == place else f"{line}\n" for number, line in enumerate(lines))
    if before == after:
        return
    old, fresh = unique(before, after)
    assert before.count(old) == 1
    assert before.replace(old, fresh) == after
    first, gone, come = difference(before, after)
    head = "".join(before.splitlines(keepends=True)[: first - 1])
    assert head + come + before[len(head) + len(gone) :] == after

"""Files and functions stay small."""

import pytest
from tests.house.files import long_functions, modules, name

FILE = 300
FUNCTION = 50
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {
    "src/tdscaling/cli/export.py::command": "half of it are the options and the help",
    "demo/worlds/database.py::make_database": "one table after the other, nothing to decide",
}


@pytest.mark.requirement("house.small_files")
def test_no_file_has_more_than_300_lines_but_those_listed_with_a_reason() -> None:
    long = {name(path) for path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > FILE}
    assert long == set(LONG_FILES)


@pytest.mark.requirement("house.small_files")
def test_no_function_has_more_than_50_lines_but_those_listed_with_a_reason() -> None:
    long = {
        f"{name(path)}::{function}"
        for path in modules()
        for function in long_functions(path.read_text(encoding="utf-8"), FUNCTION)
    }
    assert long == set(LONG_FUNCTIONS)


def test_a_long_function_is_seen_wherever_it_is_nested() -> None:
    body = "\n".join("            pass" for _ in range(60))
    source = f"class A:\n    def outer(self):\n        async def inner():\n{body}\n"
    assert long_functions(source, FUNCTION) == {"outer": 62, "inner": 61}

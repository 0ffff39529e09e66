"""Tests of a program: the hidden ones, the file of tests that the agent sees, and what a changed program gives."""

import json
from collections.abc import Sequence

from tdscaling.code_tasks.hidden import PRELUDE
from tdscaling.code_tasks.library import Case
from tdscaling.errors import SandboxError
from tdscaling.sandbox import SandboxSession
from tdscaling.types import HiddenTests, JsonValue

_RUN = """
import json
def _run(source, function, inputs):
    scope = {{"__name__": "tried"}}
    exec(compile(source, "tried.py", "exec"), scope)
    found = []
    for arguments in inputs:
        try:
            found.append(["value", json.loads(json.dumps(scope[function](*arguments)))])
        except Exception as exc:
            found.append(["error", type(exc).__name__])
    return found
print(json.dumps(_run({source!r}, {function!r}, json.loads({inputs!r}))))
"""
_HIDDEN = (
    PRELUDE
    + """
import json
for arguments, (kind, wanted) in json.loads({cases!r}):
    try:
        found = ["value", call({function!r}, *arguments)]
    except CallError as exc:
        found = ["error", exc.name]
    assert found[0] == kind and same(found[1], wanted), f"{function}: {{arguments}} gave {{found}}, not {{wanted}}"
"""
)
_RUNNER = """

if __name__ == "__main__":
    failed = 0
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            try:
                test()
                print(f"{name}: ok")
            except Exception as error:
                failed += 1
                print(f"{name}: FAILED ({type(error).__name__}: {error})")
    print(f"{failed} failed")
    sys.exit(1 if failed else 0)
"""
SECONDS = 2.0
"""A changed program that needs longer for its cases hangs."""


def hidden_tests(module: str, function: str, cases: Sequence[Case]) -> HiddenTests:
    """Every case called in the judged module and compared."""
    rows = json.dumps([[case.arguments, case.as_json()] for case in cases])
    return HiddenTests(source=_HIDDEN.format(cases=rows, function=function), module=module)


def outcomes(session: SandboxSession, source: str, function: str, cases: Sequence[Case]) -> list[JsonValue] | None:
    """What a program gives for each case, as `Case.as_json`; None when it hangs or can't be run at all.

    Raises SandboxError when the sandbox fails.
    """
    inputs = json.dumps([case.arguments for case in cases])
    done = session.run_python(_RUN.format(source=source, function=function, inputs=inputs), SECONDS)
    if not done.ok:
        return None
    try:
        found: list[JsonValue] = json.loads(done.stdout)
    except ValueError as exc:
        raise SandboxError("a changed program printed what is no result") from exc
    return found


def visible_tests(module: str, function: str, named: Sequence[tuple[str, Case]]) -> str:
    """A file of tests that runs by itself, prints the same bytes every time, and ends with 1 when a test fails."""
    parts = [f'"""Tests of {module}."""\n\nimport sys\n\nfrom {module} import {function}\n']
    parts += [_test(name, function, case) for name, case in named]
    return "\n\n".join(parts) + _RUNNER


def _test(name: str, function: str, case: Case) -> str:
    head = f"def test_{name}():\n"
    if case.error:
        return (
            f"{head}    try:\n        {case.call(function)}\n    except {case.error}:\n        return\n"
            f'    raise AssertionError("expected {case.error}")\n'
        )
    body = f"    found = {case.call(function)}\n    assert found == {case.value!r}, "
    return f'{head}{body}f"expected {_plain(case.value)}, got {{found!r}}"\n'


def _plain(value: JsonValue) -> str:
    """A value inside an f-string in double quotes.

    >>> _plain({"a": 1})
    "{{'a': 1}}"
    """
    text = repr(value).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("{", "{{").replace("}", "}}")

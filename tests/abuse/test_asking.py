"""Code that may call the episode's tools: forged, flooding, late, huge and concurrent requests."""

import pytest
from tests.abuse.host import Host

from tdscaling.sandbox.protocol import SandboxSession
from tdscaling.sandbox.serving import MAX_CALLS

AMPLE = 60.0
"""Seconds for what ends by itself, however busy the machine is."""

FORGE = """
import json, os, struct
def forge(frame, repeat=1):
    body = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
    data = struct.pack('>I', len(body)) + body
    for _ in range(repeat):
        os.write(4, data)
def raw(argument):
    return b'{"id": 1, "token": 1, "ask": {"name": "echo", "arguments": {"x": ' + argument + b'}}}'
def ask(name, number, token=1, **arguments):
    return {'id': number, 'token': token, 'ask': {'name': name, 'arguments': arguments}}
"""


@pytest.mark.requirement("sandbox.nested")
def test_a_tool_answers_code_with_its_value_and_its_failure_is_an_exception(
    session: SandboxSession, host: Host
) -> None:
    code = "import tools\nvalues = [tools.call('echo', {'n': 1}), tools.echo(n=[None, 'é'])]\n"
    code += "try:\n    tools.perl()\nexcept tools.ToolError as exc:\n    values.append(str(exc))\nvalues"
    asked = host.serving(session, code)
    assert asked.result.value == "[{'n': 1}, {'n': [None, 'é']}, 'there is no perl']"
    assert asked.calls == [["echo", {"n": 1}], ["echo", {"n": [None, "é"]}], ["perl", {}]]


@pytest.mark.requirement("sandbox.nested")
def test_code_that_may_not_ask_reaches_nobody(session: SandboxSession, host: Host) -> None:
    """Tries: asks though no tool is offered. Stopped by: pid 1 relays only where the host said so."""
    assert "No module named 'tools'" in session.run_python("import tools").stderr
    assert session.run_python(f"{FORGE}\nforge(ask('echo', 2))\n7").value == "7"
    host.serving(session, "import tools as kept")
    assert "no tool can be called now" in session.run_python("kept.echo()").stderr
    assert "No module" in session.run_shell("python3 -c 'import tools'").stderr


@pytest.mark.requirement("sandbox.nested")
def test_a_request_while_another_is_at_work_is_dropped(session: SandboxSession, host: Host) -> None:
    """Tries: has the host make many calls at once. Stopped by: pid 1 relays one, and the next when it is answered."""
    asked = host.serving(session, f"{FORGE}\nforge(ask('slow', 1), 9)\nimport time; time.sleep(.3)\n7")
    assert asked.calls == [["slow", {}]]


MALFORMED = {
    "ask-is-a-list": "{'id': 1, 'token': 1, 'ask': []}",
    "token-is-text": "{'id': 1, 'token': '1', 'ask': {'name': 'echo', 'arguments': {}}}",
    "no-token": "{'id': 1, 'ask': {'name': 'echo', 'arguments': {}}}",
    "name-is-a-number": "{'id': 1, 'token': 1, 'ask': {'name': 1, 'arguments': {}}}",
    "arguments-are-a-list": "{'id': 1, 'token': 1, 'ask': {'name': 'echo', 'arguments': [1]}}",
    "nothing-asked": "{'id': 1, 'token': 1, 'ask': {}}",
    "huge": "ask('echo', 1, x='x' * 500_000)",
    "deep": "raw(b'[' * 90_000 + b']' * 90_000)",
    "digits": "raw(b'9' * 90_000)",
}


@pytest.mark.requirement("sandbox.nested")
@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_costs_the_interpreter_its_life(session: SandboxSession, host: Host, frame: str) -> None:
    """Tries: sends the host what it does not expect. Stopped by: the filter in pid 1."""
    asked = host.serving(session, f"{FORGE}\nforge({frame})\nimport time; time.sleep(5)")
    assert asked.calls == []
    assert asked.result.limits == ("protocol",)
    assert asked.result.reset


@pytest.mark.requirement("sandbox.nested")
@pytest.mark.parametrize(
    "arguments",
    ["x=float('nan')", "x=float('inf')", "x='\\ud800'", "x='x' * 120_000, y='y' * 20_000", "x=" + "[" * 40 + "]" * 40],
    ids=["nan", "infinity", "surrogate", "large", "deep"],
)
def test_arguments_that_are_no_plain_json_are_refused(session: SandboxSession, host: Host, arguments: str) -> None:
    """Tries: breaks what reads the arguments further on. Stopped by: the check of the host."""
    asked = host.serving(
        session, f"import tools\ntry:\n    tools.echo({arguments})\nexcept tools.ToolError:\n    print('no')"
    )
    assert asked.result.stdout == "no\n"
    assert asked.calls == []


@pytest.mark.requirement("sandbox.nested")
def test_only_name_and_arguments_of_a_request_reach_the_host(session: SandboxSession, host: Host) -> None:
    """Tries: smuggles keys of the host's own frames. Stopped by: the filter in pid 1."""
    frame = "{**ask('echo', 1), 'op': 'export', 'path': 'x', 'value': 7, 'stdout': 'fake', 'error': 'e'}"
    asked = host.serving(session, f"{FORGE}\nforge({frame})\nimport time; time.sleep(.2)\n7")
    assert asked.calls == [["echo", {}]]
    assert (asked.result.value, asked.result.stdout) == ("7", "")


@pytest.mark.requirement("sandbox.nested")
def test_a_flood_of_requests_stops_at_a_cap(session: SandboxSession, host: Host) -> None:
    """Tries: keeps the host and its servers busy. Stopped by: a count for each piece of code."""
    asked = host.serving(session, "import tools\nwhile True:\n    tools.echo()", AMPLE)
    assert len(asked.calls) == MAX_CALLS
    assert not asked.result.ok
    assert not asked.result.limits, "it ended by its refused request, not by its time"


@pytest.mark.requirement("sandbox.nested")
def test_a_flood_that_goes_on_after_being_refused_reaches_nobody(session: SandboxSession, host: Host) -> None:
    """Tries: asks on and on when it is refused. Stopped by: the count, which refuses every further request."""
    refused = "try:\n        tools.echo()\n    except tools.ToolError:\n        refused += 1"
    asked = host.serving(session, f"import tools\nrefused = 0\nwhile refused < 50:\n    {refused}\nrefused", AMPLE)
    assert len(asked.calls) == MAX_CALLS
    assert asked.result.value == "50"


@pytest.mark.requirement("sandbox.nested")
def test_a_flood_without_end_is_ended_by_its_time(session: SandboxSession, host: Host) -> None:
    """Tries: never stops asking. Stopped by: the time of a piece of code."""
    loop = "try:\n        tools.echo()\n    except tools.ToolError:\n        pass"
    asked = host.serving(session, f"import tools\nwhile True:\n    {loop}", 0.5)
    assert len(asked.calls) <= MAX_CALLS
    assert not asked.result.ok


@pytest.mark.requirement("sandbox.nested")
def test_a_flood_of_forged_requests_stops_at_the_same_cap(session: SandboxSession, host: Host) -> None:
    """Tries: asks without reading the answers. Stopped by: one request at a time, the count, the end of the pipe."""
    code = f"{FORGE}\nforge(ask('echo', 1, x='x' * 1000), 20_000)\nimport time; time.sleep(5)"
    asked = host.serving(session, code, 2)
    assert len(asked.calls) <= MAX_CALLS


@pytest.mark.requirement("sandbox.nested")
@pytest.mark.parametrize("number", ["0", "2", "-1", "'1'", "None", "[1]"])
def test_a_request_for_another_call_is_dropped(session: SandboxSession, host: Host, number: str) -> None:
    """Tries: asks in the name of an earlier or later call. Stopped by: the number of the call that runs."""
    asked = host.serving(session, f"{FORGE}\nforge(ask('echo', {number}))\n7")
    assert (asked.result.value, asked.calls) == ("7", [])


@pytest.mark.requirement("sandbox.nested")
@pytest.mark.parametrize("ending", ["os._exit(0)", "os.abort()", "forge({'id': 1, 'status': 0})", "1 / 0", "7"])
def test_an_answer_that_comes_after_the_end_reaches_no_later_call(
    session: SandboxSession, host: Host, ending: str
) -> None:
    """Tries: leaves an answer for the next call to stumble over. Stopped by: tokens, and a new interpreter."""
    host.serving(session, f"{FORGE}\nforge(ask('slow', 1, token=1, x='old'))\n{ending}")
    asked = host.serving(session, "import tools; tools.echo(x='new')")
    assert asked.result.value == "{'x': 'new'}"


@pytest.mark.requirement("sandbox.nested")
def test_nobody_asks_after_the_end_of_the_call(session: SandboxSession, host: Host) -> None:
    """Tries: a thread and a child go on asking. Stopped by: the interpreter is stopped, all else is killed."""
    code = """
import os, threading, time, tools
def later():
    while True:
        try:
            tools.echo(late=True)
        except tools.ToolError:
            time.sleep(.01)
threading.Thread(target=later, daemon=True).start()
if os.fork() == 0:
    later()
"""
    first = host.serving(session, code)
    session.run_shell("sleep .2")
    second = host.serving(session, "import time; time.sleep(.2)\n'done'")
    assert second.result.value == "'done'"
    assert {call[0] for call in first.calls + second.calls} <= {"echo"}
    assert len(second.calls) <= MAX_CALLS


@pytest.mark.requirement("sandbox.nested")
def test_threads_ask_one_after_the_other_and_each_gets_its_own_answer(session: SandboxSession, host: Host) -> None:
    """Tries: asks while another request is at work. Stopped by: a lock inside, one request at a time in pid 1."""
    code = """
import tools
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(lambda n: tools.echo(n=n)["n"], range(40)))
answers == list(range(40))
"""
    asked = host.serving(session, code)
    assert asked.result.value == "True"
    assert sorted(call[1]["n"] for call in asked.calls) == list(range(40))


@pytest.mark.requirement("sandbox.nested")
def test_a_forked_process_can_not_ask(session: SandboxSession, host: Host) -> None:
    """Tries: two processes read one pipe. Stopped by: only the interpreter itself asks."""
    code = """
import os, tools
pid = os.fork()
if pid == 0:
    try:
        tools.echo()
    except tools.ToolError:
        os._exit(7)
    os._exit(0)
os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
    asked = host.serving(session, code)
    assert (asked.result.value, asked.calls) == ("7", [])


@pytest.mark.requirement("sandbox.nested")
def test_the_code_s_time_stands_still_while_a_tool_works(session: SandboxSession, host: Host) -> None:
    asked = host.serving(session, "import tools; tools.slow(x=1)", 0.6)
    assert (asked.result.value, asked.result.limits) == ("{'x': 1}", ())
    late = host.serving(session, "import tools; tools.slow()\nwhile True: pass", 0.3)
    assert late.result.limits == ("time",)


@pytest.mark.requirement("sandbox.nested")
@pytest.mark.parametrize(
    ("bomb", "limit"),
    [
        ("held = []\n    while True: held.append(b'x' * (1 << 20))", "memory"),
        ("while True: os.write(1, b'x' * 60_000)", "output"),
        ("n = 0\n    while True:\n        n += 1; os.mkdir(f'/workspace/{n}')", "files"),
    ],
)
def test_limits_hold_while_a_tool_works(session: SandboxSession, host: Host, bomb: str, limit: str) -> None:
    """Tries: works on in a thread while the host is busy. Stopped by: the watchdog looks on."""
    start = f"import os, threading, tools\ndef work():\n    {bomb}\nthreading.Thread(target=work).start()\n"
    code = f"{start}for _ in range(20): tools.slow()"
    assert limit in host.serving(session, code).result.limits


@pytest.mark.requirement("sandbox.nested")
def test_an_answer_too_large_for_the_frames_is_an_error_in_words(session: SandboxSession, host: Host) -> None:
    """Tries: has a server's flood break the sandbox's frames. Stopped by: a cap on what is handed in."""
    code = "import tools\ntry:\n    tools.large()\nexcept tools.ToolError as exc:\n    print(exc)"
    assert host.serving(session, code).result.stdout == "the result is too large\n"


@pytest.mark.requirement("sandbox.nested")
@pytest.mark.parametrize(
    "code",
    [
        "import os, tools\nos.close(3)\ntools.echo()",
        "import os, tools\nos.close(4)\ntools.echo()",
        f"{FORGE}\nforge(ask('echo', 1))\nos.read(3, 3)",
        f"{FORGE}\nforge(ask('slow', 1)); os.read(3, 9)",
        "import tools, signal, os, threading\nthreading.Timer(.2, os.kill, (os.getpid(), 2)).start()\ntools.slow()",
    ],
    ids=["closed-commands", "closed-results", "half-an-answer", "half-a-head", "interrupt-in-between"],
)
def test_a_torn_exchange_costs_no_more_than_the_interpreter(session: SandboxSession, host: Host, code: str) -> None:
    """Tries: leaves the pipes in the middle of a frame. Stopped by: an interpreter that may be out of step goes."""
    host.serving(session, code, 2)
    session.run_python("1", 1)
    assert host.serving(session, "import tools; tools.echo(x=1)").result.value == "{'x': 1}"

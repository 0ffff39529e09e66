"""The other back ends: containers, here with bubblewrap behind a command named docker, and monty."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tdscaling.config.sandbox import SandboxLimits, SandboxSettings
from tdscaling.errors import SandboxError
from tdscaling.sandbox.docker import DockerSandbox, arguments
from tdscaling.sandbox.monty import MontySandbox, missing
from tdscaling.sandbox.tiers import backends

LIMITS = SandboxLimits(wall_seconds=10, memory_mib=256, disk_mib=64, processes=32)
FAKE = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "version":
    print("99.0")
elif sys.argv[1] == "run":
    from tdscaling.config.sandbox import SandboxLimits
    from tdscaling.sandbox.bwrap import session_plan
    from tdscaling.sandbox.runtime import interpreter
    argv = session_plan(SandboxLimits(disk_mib=64), interpreter(), None).argv()
    os.execve(argv[0], argv, {{}})
"""


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    """A command that logs its arguments and runs the supervisor as pid 1, as an engine does."""
    path = tmp_path / "docker"
    path.write_text(FAKE.format(python=sys.executable, log=str(tmp_path / "log")), encoding="utf-8")
    path.chmod(0o755)
    return path


def log(docker: Path) -> list[list[str]]:
    return [json.loads(line) for line in (docker.parent / "log").read_text(encoding="utf-8").splitlines()]


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.docker")
def test_a_container_session_speaks_the_same_protocol(docker: Path) -> None:
    sandbox = DockerSandbox(LIMITS, "image", docker=str(docker))
    session = sandbox.open()
    session.put("a.txt", b"a")
    assert session.run_python("open('a.txt').read()").value == "'a'"
    assert session.run_shell("exit 3").status == 3
    assert session.export("a.txt") == b"a"
    session.close()
    assert sandbox.provenance()["version"] == "99.0"
    sandbox.close()
    assert log(docker)[0][:2] == ["run", "--rm"]


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.docker", "sandbox.deadline")
def test_a_container_that_does_not_answer_is_killed_by_name(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdscaling.sandbox.session.MARGIN", -1.0)
    sandbox = DockerSandbox(LIMITS, "image", docker=str(docker))
    session = sandbox.open()
    with pytest.raises(SandboxError, match="did not answer"):
        session.run_python("import time; time.sleep(9)", 0.5)
    monkeypatch.undo()
    session.close()
    sandbox.close()
    started, killed = log(docker)
    assert killed == ["kill", started[started.index("--name") + 1]]


@pytest.mark.requirement("sandbox.docker")
def test_a_container_has_no_network_no_privileges_and_limits(tmp_path: Path) -> None:
    words = " ".join(arguments(LIMITS, "image", "name", tmp_path / "profile.json", "runsc"))
    for part in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        f"--security-opt seccomp={tmp_path}/profile.json",
        "--memory 320m --memory-swap 320m",
        "--pids-limit 40",
        "--runtime runsc",
        "--pull never",
    ):
        assert part in words
    assert "size=67108864" in words


@pytest.mark.requirement("sandbox.docker")
def test_a_missing_engine_is_named(tmp_path: Path) -> None:
    sandbox = DockerSandbox(LIMITS, "image", docker=str(tmp_path / "none"))
    with pytest.raises(SandboxError, match="docker can't be"):
        sandbox.version()
    with pytest.raises(SandboxError, match="docker can't be started"):
        sandbox.open()
    sandbox.close()


@pytest.mark.requirement("sandbox.docker")
def test_asking_what_an_engine_can_do_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = tmp_path / "bin" / "docker"
    engine.parent.mkdir()
    engine.write_text("#!/bin/sh\necho gone away >&2\nexit 1\n", encoding="utf-8")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(engine.parent), prepend=os.pathsep)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    assert backends(SandboxSettings())["docker"].trouble() == "no container engine answers: gone away"
    assert [*(tmp_path / "temporary").iterdir()] == []


class FakeMontyError(Exception):
    def exception(self) -> BaseException:
        return self.args[0]


class FakeWorker:
    """A worker of monty: evaluates two known snippets."""

    def __init__(self, **_: object) -> None: ...

    def __enter__(self) -> "FakeWorker":
        return self

    def __exit__(self, *_: object) -> None: ...

    def checkout(self, limits: dict[str, float]) -> "FakeWorker":
        self.limits = limits
        return self

    def feed_run(self, code: str, print_callback: SimpleNamespace) -> object:
        print_callback.output = "printed"
        if code == "loop":
            raise FakeMontyError(TimeoutError())
        return 42


@pytest.mark.requirement("sandbox.monty")
def test_monty_runs_python_and_refuses_the_rest_in_words() -> None:
    module = SimpleNamespace(
        Monty=FakeWorker,
        CollectString=lambda max_bytes: SimpleNamespace(output=""),
        MontyError=FakeMontyError,
        MontyCrashedError=type("Crashed", (FakeMontyError,), {}),
    )
    sandbox = MontySandbox(LIMITS, module)  # pyright: ignore[reportArgumentType]
    session = sandbox.open()
    assert session.run_python("6 * 7").value == "42"
    late = session.run_python("loop")
    assert (late.limits, late.reset) == (("time",), True)
    assert session.run_python("6 * 7").value == "42"
    for call in (lambda: session.run_shell("ls"), lambda: session.put("a", b""), lambda: session.export("a")):
        with pytest.raises(SandboxError, match="need"):
            call()
    session.close()
    sandbox.close()


@pytest.mark.requirement("sandbox.monty")
def test_the_real_monty_keeps_variables_and_ends_loops() -> None:
    if missing():
        pytest.skip(missing())
    sandbox = MontySandbox(SandboxLimits(wall_seconds=0.5))
    session = sandbox.open()
    session.run_python("x = 6")
    assert session.run_python("print(x)\nx * 7").value == "42"
    assert session.run_python("1 / 0").status == 1
    assert session.run_python("while True: pass").limits == ("time",)
    session.close()
    sandbox.close()

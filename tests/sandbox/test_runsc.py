"""gVisor without an engine, and cgroup scopes: the command lines that are built, run by stand-ins for both programs."""

import json
import sys
from pathlib import Path

import pytest

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import scope
from tdscaling.sandbox.bwrap import BwrapSandbox
from tdscaling.sandbox.runsc import RunscSandbox, bundle
from tdscaling.sandbox.runtime import interpreter

LIMITS = SandboxLimits(wall_seconds=10, memory_mib=256, disk_mib=64, processes=32)
RUNSC = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if "--version" in sys.argv:
    print("runsc version 99")
elif "run" in sys.argv:
    from tdscaling.config.sandbox import SandboxLimits
    from tdscaling.sandbox.bwrap import session_plan
    from tdscaling.sandbox.runtime import interpreter
    argv = session_plan(SandboxLimits(disk_mib=64), interpreter(), None).argv()
    os.execve(argv[0], argv, {{}})
"""
SYSTEMD_RUN = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
rest = sys.argv[sys.argv.index("--") + 1:]
os.execvp(rest[0], rest)
"""


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text.format(python=sys.executable, log=str(folder / "log")), encoding="utf-8")
    path.chmod(0o755)
    return path


def log(folder: Path) -> list[list[str]]:
    return [json.loads(line) for line in (folder / "log").read_text(encoding="utf-8").splitlines()]


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.runsc")
def test_a_session_of_a_bundle_speaks_the_same_protocol(tmp_path: Path) -> None:
    sandbox = RunscSandbox(LIMITS, runsc=str(program(tmp_path, "runsc", RUNSC)))
    session = sandbox.open()
    assert session.run_python("6 * 7").value == "42"
    assert session.run_shell("exit 3").status == 3
    session.close()
    assert sandbox.provenance()["version"] == "runsc version 99"
    given = log(tmp_path)[0]
    folder = Path(next(word.partition("=")[2] for word in given if word.startswith("--bundle=")))
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["root"]["readonly"] is True
    assert {"--rootless", "--network=none", "run"} <= set(given)
    sandbox.close()
    assert not folder.exists()


@pytest.mark.requirement("sandbox.runsc")
def test_a_bundle_has_no_network_no_capability_and_only_sized_memory_to_write(tmp_path: Path) -> None:
    config = json.loads(json.dumps(bundle(LIMITS, interpreter(), tmp_path, "/root-of-it")))
    process, linux = config["process"], config["linux"]
    assert process["noNewPrivileges"] is True
    assert all(names == [] for names in process["capabilities"].values())
    assert process["user"]["uid"] != 0
    assert all(line.startswith("LD_LIBRARY_PATH=/opt/python") for line in process["env"])
    assert "network" in {one["type"] for one in linux["namespaces"]}
    assert linux["resources"]["memory"]["limit"] == 320 << 20
    assert linux["resources"]["pids"]["limit"] == 40
    for mount in config["mounts"]:
        options = mount.get("options", [])
        assert "ro" in options or any(word.startswith("size=") for word in options) or mount["type"] == "proc"
    assert not [mount for mount in config["mounts"] if str(Path.home()) == mount.get("source")]


@pytest.mark.requirement("sandbox.runsc")
def test_a_missing_runsc_is_named(tmp_path: Path) -> None:
    sandbox = RunscSandbox(LIMITS, runsc=str(tmp_path / "none"))
    with pytest.raises(SandboxError, match="runsc can't be started"):
        sandbox.open()
    with pytest.raises(SandboxError, match="runsc can't be asked"):
        sandbox.version()
    sandbox.close()


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.scope")
def test_a_session_in_a_scope_runs_with_an_empty_environment_and_the_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "systemd-run", SYSTEMD_RUN)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("SECRET_OF_HOST", "hunter2")
    monkeypatch.setattr(scope, "missing", lambda: "")
    sandbox = BwrapSandbox(LIMITS, in_scope=True)
    session = sandbox.open()
    assert "hunter2" not in session.run_shell("cat /proc/1/environ; env").stdout
    assert session.run_python("6 * 7").value == "42"
    session.close()
    assert sandbox.provenance()["scope"] is True
    sandbox.close()
    given = log(tmp_path)[0]
    assert {"--scope", "MemoryMax=320M", "MemorySwapMax=0", "TasksMax=40"} <= set(given)
    assert "SECRET_OF_HOST" not in scope.manager_environment()


@pytest.mark.requirement("sandbox.scope")
def test_without_systemd_there_is_no_scope_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "systemd does not run" in scope.missing(tmp_path)
    program(tmp_path, "systemd-run", SYSTEMD_RUN)
    (tmp_path / scope.BOOTED).mkdir(parents=True)
    assert "cgroup v2" in scope.missing(tmp_path)
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cgroup.controllers").touch()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "manager of its own" in scope.missing(tmp_path)
    (tmp_path / "run/user/1000").mkdir(parents=True)
    (tmp_path / "run/user/1000/bus").touch()
    assert scope.missing(tmp_path) == ""
    assert "--user" in scope.scoped(["true"], LIMITS)

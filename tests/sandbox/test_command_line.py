"""`tdscaling sandbox` and `tdscaling doctor`, as a user calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result

from tdscaling.cli import doctor, sandbox
from tdscaling.cli.doctor import program
from tdscaling.config.sandbox import Backend
from tdscaling.errors import SandboxError


def sandboxed(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(sandbox.command, list(words), input=stdin)


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.command_line")
def test_a_file_runs_with_its_output_and_exit_status(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text("import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.exit(3)\n", encoding="utf-8")
    result = sandboxed("python", str(file))
    assert (result.exit_code, result.stdout, result.stderr) == (3, "out\n", "err\n")


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.command_line")
def test_a_shell_command_runs_on_files_that_were_put_there(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a\nb\n", encoding="utf-8")
    result = sandboxed("shell", "wc -l < data.csv; exit 4", "--put", str(tmp_path / "data.csv"))
    assert (result.exit_code, result.stdout.strip()) == (4, "2")


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.command_line")
def test_a_file_comes_out_by_name_and_over_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = "mkdir d; echo one > d/made; ln -s /etc/passwd link"
    assert sandboxed("shell", made, "--get", "d/made").exit_code == 0
    assert (tmp_path / "made").read_text() == "one\n"
    again = sandboxed("shell", made, "--get", "d/made")
    assert (again.exit_code, again.stderr) == (1, "Error: made can't be written: File exists\n")
    assert isinstance(sandboxed("shell", made, "--get", "link").exception, SandboxError)
    folder = sandboxed("shell", made, "--get", "d").exception
    assert isinstance(folder, SandboxError)
    assert str(folder).endswith("d: a folder, not a file")
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


@pytest.mark.requirement("sandbox.command_line")
def test_two_files_of_one_name_are_not_put_there(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for path in (tmp_path / "a", tmp_path / "d" / "a"):
        path.touch()
    assert sandboxed("shell", "ls", "--put", str(tmp_path / "a"), "--put", str(tmp_path / "d/a")).exit_code == 2


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.command_line")
def test_a_broken_limit_is_told_and_is_a_failure() -> None:
    result = sandboxed("python", "-", "--timeout", "0.3", stdin="while True: pass")
    assert result.exit_code == 130
    assert "tdscaling: limit reached: time" in result.stderr


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.command_line")
def test_output_can_not_drive_the_terminal_it_is_shown_on_and_is_exact_elsewhere() -> None:
    code = "printf 'plain\\n\\033]0;title\\007\\r\\302\\233'; printf '\\033[2J' >&2"
    assert sandboxed("shell", code).stdout == "plain\n\x1b]0;title\x07\r\x9b"
    ours, theirs = os.openpty()
    argv = [sys.executable, "-c", "from tdscaling.cli import main; main()", "sandbox", "shell", code]
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        done = subprocess.run(argv, stdout=theirs, stderr=theirs, check=False)
        os.close(theirs)
        said = terminal.read(4096)
    assert done.returncode == 0
    assert b"\x1b" not in said
    assert said == rb"plain" + b"\r\n" + rb"\x1b]0;title\x07\r\x9b\x1b[2J"


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.command_line")
def test_json_has_the_whole_result() -> None:
    result = json.loads(sandboxed("python", "-", "--json", stdin="6 * 7").stdout)
    assert (result["value"], result["status"], result["limits"]) == ("42", 0, [])


@pytest.mark.requirement("sandbox.command_line")
def test_a_limit_out_of_range_is_misuse() -> None:
    wrong = sandboxed("shell", "true", "--memory", "1")
    assert wrong.exit_code == 2
    assert (
        wrong.stderr.splitlines()[-1] == "Error: --memory is out of range: Input should be greater than or equal to 64"
    )
    assert sandboxed("python", "/nonexistent").exit_code == 2
    for option, value in (("cpu", "1e9"), ("memory", "9" * 20)):
        beyond = sandboxed("shell", "true", f"--{option}", value)
        assert (beyond.exit_code, f"--{option} is out of range" in beyond.stderr) == (2, True)
    for option, value in (("timeout", "inf"), ("timeout", "nan"), ("cpu", "nan")):
        none = sandboxed("shell", "true", f"--{option}", value)
        said = f"Error: Invalid value for '--{option}': {value} is no finite number."
        assert (none.exit_code, none.stderr.splitlines()[-1]) == (2, said)


@pytest.mark.requirement("sandbox.command_line")
def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"\xff")
    wrong = sandboxed("python", str(tmp_path / "x.py"))
    assert (wrong.exit_code, wrong.stderr.splitlines()[-1]) == (2, f"Error: {tmp_path}/x.py is no UTF-8 text")


@pytest.mark.sandbox
@pytest.mark.requirement("sandbox.doctor")
def test_the_doctor_names_the_back_end_and_why() -> None:
    result = CliRunner().invoke(doctor.command, ["--json"])
    found = json.loads(result.stdout)
    assert {item["name"] for item in found["machine"]} == {"python", "git", "node", "disk"}
    assert found["sandbox"]["backend"] == "bwrap"
    assert "its canary passed" in found["sandbox"]["reason"]
    assert {finding["name"] for finding in found["sandbox"]["backends"]} == set(get_args(Backend)) - {"auto"}
    table = CliRunner().invoke(doctor.command, [])
    assert "sandbox  bwrap: its canary passed" in table.stdout
    assert table.exit_code == result.exit_code


@pytest.mark.requirement("sandbox.doctor")
def test_a_program_that_is_not_there_is_missing_or_optional() -> None:
    assert program("no-such-program", True, "x").state == "missing"
    assert program("no-such-program", False, "x").state == "optional"
    assert program("sh", False, "x").name == "sh"

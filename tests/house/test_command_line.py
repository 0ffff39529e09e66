"""The command line starts fast and fails politely."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from tests.house.files import ROOT, files

HEAVY = ("numpy", "pyarrow", "pydantic", "mcp", "igraph", "faker", "aiohttp", "rich", "yaml", "jsonschema", "asyncio")


def tdscaling(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tdscaling", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.requirement("house.fast_help")
def test_help_loads_no_heavy_package() -> None:
    code = "import sys, tdscaling.cli as c\ntry: c.cli(['--help'])\nexcept SystemExit: pass\n"
    code += "import json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    *_, last = done.stdout.splitlines()
    assert not set(HEAVY) & set(json.loads(last))


@pytest.mark.requirement("house.exits")
def test_help_of_the_whole_lists_the_commands_and_exits_0() -> None:
    done = tdscaling("--help")
    assert done.returncode == 0
    assert "measure" in done.stdout


@pytest.mark.requirement("house.exits")
@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["measure"],
        ["measure", "--no-such-option"],
        ["export", ".", "--format", "nope", "-o", "x"],
        ["catalog", "build", ".", "-o", "x", "--within", "nan"],
        ["catalog", "build", ".", "-o", "x", "--within", "-1"],
        ["graph", __file__, "-o", "x", "--price", "0", "nan"],
        ["graph", __file__, "-o", "x", "--price", "-1", "0"],
    ],
)
def test_misuse_exits_2_and_says_why(arguments: list[str]) -> None:
    done = tdscaling(*arguments)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert all(number not in arguments or number in done.stderr for number in ("nan", "-1"))
    assert "Traceback" not in done.stderr


@pytest.mark.requirement("house.exits")
def test_a_name_that_no_terminal_can_spell_is_printed_as_its_escape(tmp_path: Path) -> None:
    call = {"id": "1", "function": {"name": "f", "arguments": "{}"}}
    row = {"domain": "\ud83d", "messages": [{"role": "assistant", "content": "", "tool_calls": [call]}]}
    (tmp_path / "data.jsonl").write_text(json.dumps(row))
    done = tdscaling("measure", str(tmp_path / "data.jsonl"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["domains"] == {"\ud83d": 1}
    done = tdscaling("export", str(tmp_path / "data.jsonl"), "--format", "openai", "-o", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "| ? | 1 |" in (tmp_path / "out" / "README.md").read_text()


@pytest.mark.requirement("house.exits")
@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device here that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_can_t_be_printed_is_one_line(unbuffered: str) -> None:
    command = [sys.executable, "-m", "tdscaling", "export", "--list"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120, env=environment
        )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("tdscaling: the output can't be printed (No space left on device)")


@pytest.mark.requirement("house.wheel")
def test_a_built_package_has_every_file_of_the_source_and_no_other(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = {one for one in packed.namelist() if ".dist-info/" not in one}
    source = {path.relative_to(ROOT / "src").as_posix() for path in files() if path.is_relative_to(ROOT / "src")}
    assert names == source
    assert "tdscaling/py.typed" in names


@pytest.mark.requirement("house.exits")
def test_the_command_is_installed_under_its_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"tdscaling": "tdscaling.cli:main"}

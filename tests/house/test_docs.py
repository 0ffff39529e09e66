"""What the documents say is so."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from scripts import cli_reference, config_reference
from tests.house.files import ROOT, files, name

from tdscaling.cli import COMMANDS, cli
from tdscaling.cli import eval as cli_eval
from tdscaling.cli import measure as cli_measure
from tdscaling.config.run import RunConfig
from tdscaling.environments.simulated.overrides import Overrides
from tdscaling.export import EXPORTERS
from tdscaling.metrics.complexity import CODE

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)")
CALL = re.compile(r"(?:^|`|/)tdscaling ((?:[a-z]+\b)[^`|\n]*)", re.MULTILINE)
ALL_COMMANDS = dict(cli_reference.commands(cli, ("tdscaling",)))
LEAVES = {full: command for full, command in ALL_COMMANDS.items() if not isinstance(command, click.Group)}
DOCUMENTS = [path for path in files() if path.suffix == ".md"]
WRITTEN = [path for path in DOCUMENTS if path.name != "cli.md"]
"""By people: docs/cli.md is what the commands say."""


def read(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def shown_calls(text: str) -> list[list[str]]:
    """The command lines that a document shows, without `tdscaling`."""
    return [shlex.split(call, comments=True) for call in CALL.findall(text.replace("\\\n", " "))]


def followed(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that `words` name, and what is left of them."""
    command: click.Command = cli
    while words and isinstance(command, click.Group):
        child = command.get_command(click.Context(command), words[0])
        assert child is not None, f"there is no command {words[0]!r}"
        command, words = child, words[1:]
    return command, words


@pytest.mark.requirement("house.docs")
def test_the_reference_of_the_command_line_is_what_help_says() -> None:
    code = "import sys; from scripts import cli_reference; sys.stdout.write(cli_reference.reference())"
    # in a process of its own: click keeps the help option of a command that another test has called without its group
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert read("docs/cli.md") == told, "run `make docs`"


@pytest.mark.requirement("house.docs")
def test_the_reference_of_the_configuration_is_what_the_models_say() -> None:
    assert read("docs/config.md") == config_reference.reference(), "run `make docs`"


@pytest.mark.requirement("house.docs")
def test_every_field_of_the_configuration_has_a_line_of_documentation() -> None:
    undocumented = [
        f"{model.__name__}.{field}"
        for model in config_reference.models()
        for field, info in model.model_fields.items()
        if not info.description
    ]
    assert not undocumented


@pytest.mark.requirement("house.docs")
@pytest.mark.parametrize("document", WRITTEN, ids=name)
def test_every_command_and_option_in_a_document_exists(document: Path) -> None:
    for words in shown_calls(document.read_text(encoding="utf-8")):
        command, rest = followed(words)
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("-")} <= options, words


@pytest.mark.requirement("house.docs")
def test_the_readme_shows_every_command() -> None:
    shown = {words[0] for words in shown_calls(read("README.md"))}
    assert set(COMMANDS) <= shown


@pytest.mark.requirement("house.help")
@pytest.mark.parametrize("full", sorted(LEAVES))
def test_the_help_of_a_command_has_an_example_of_it(full: str) -> None:
    text = cli_reference.help_of(full, LEAVES[full])
    assert "Example" in text
    assert full in text.split("Example", 1)[1]


@pytest.mark.requirement("house.help")
def test_the_help_of_eval_says_what_each_of_its_names_is() -> None:
    text = cli_reference.help_of("tdscaling eval", cli_eval.command)
    assert not [one for one, about in cli_eval.ADAPTERS.items() if one not in text or about not in text]


@pytest.mark.requirement("house.help")
@pytest.mark.parametrize("full", sorted(LEAVES))
def test_an_option_says_what_it_does(full: str) -> None:
    options = [parameter for parameter in LEAVES[full].params if isinstance(parameter, click.Option)]
    assert not [option.name for option in options if not option.help]


@pytest.mark.requirement("house.docs")
def test_the_configuration_in_the_readme_is_valid_and_ten_lines() -> None:
    block = re.search(r"```yaml\n(.*?)```", read("README.md"), re.DOTALL)
    assert block
    assert len(block[1].splitlines()) <= 10
    config = RunConfig.model_validate(yaml.safe_load(block[1]))
    assert set(config.export) <= set(EXPORTERS)


@pytest.mark.requirement("house.docs")
@pytest.mark.parametrize("document", WRITTEN, ids=name)
def test_every_configuration_in_a_document_is_valid(document: Path) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
        shown = yaml.safe_load(block)
        model, more = (Overrides, {}) if "servers" in shown else (RunConfig, {"sources": ["servers.json"]})
        model.model_validate(more | shown)


@pytest.mark.requirement("house.docs")
def test_the_readme_names_every_export_format() -> None:
    assert not [one for one in EXPORTERS if f"`{one}`" not in read("README.md")]


@pytest.mark.requirement("house.docs")
def test_every_make_target_in_a_document_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    for path in DOCUMENTS:
        calls = re.findall(r"(?:`|^)make ((?:[a-z-]+ ?)+)(?=`|\s+#|$)", path.read_text(encoding="utf-8"), re.MULTILINE)
        asked = {target for call in calls for target in call.split()}
        assert asked <= targets, name(path)


@pytest.mark.requirement("house.docs")
@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    assert not [
        link for link in LINK.findall(document.read_text(encoding="utf-8")) if not (document.parent / link).exists()
    ]


@pytest.mark.requirement("house.docs")
def test_the_index_of_the_documents_names_each() -> None:
    there = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert not {document for document in there if f"({document})" not in read("docs/README.md")}


@pytest.mark.requirement("house.honest")
def test_the_documents_say_that_the_formulas_are_ours() -> None:
    assert "formulas are ours" in read("README.md")
    assert "2602.03219" in read("README.md")
    assert "TDScaling's own" in read("docs/definitions.md")


@pytest.mark.requirement("house.honest")
def test_the_readme_says_what_is_not_there_yet() -> None:
    missing = read("README.md").split("Not there yet:", 1)[1]
    walls = set(re.findall(r"\w+", read("pyproject.toml").split("layers = [", 1)[1].split("]", 1)[0]))
    there = {path.stem for path in (ROOT / "src/tdscaling").iterdir()}
    said = {
        "llm": "models",
        "selection": "selection",
        "scaling": "fixed-budget",
        "evals": "benchmarks",
        "report": "reports",
    }
    assert not [wall for wall in walls - there if wall in said and said[wall] not in missing]
    assert not [wall for wall in said if wall in there and said[wall] in missing], "it is there: say so"


@pytest.mark.requirement("house.docs")
def test_the_arguments_in_which_code_is_looked_for_are_those_the_definitions_and_the_help_name() -> None:
    assert all(f"`{one}`" in read("docs/definitions.md") for one in CODE)
    [option] = [one for one in cli_measure.command.params if one.name == "sandbox_tools"]
    assert isinstance(option, click.Option)
    assert set(CODE) <= set(re.findall(r"\w+", option.help or ""))

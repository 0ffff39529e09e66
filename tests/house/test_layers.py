"""The layers that are drawn are the layers that are checked, and all modules are in them."""

import re
import tomllib

import pytest
from importlinter.cli import lint_imports
from tests.house.files import ROOT

import tdscaling

Layers = list[set[str]]


def names(layer: str) -> set[str]:
    return set(re.findall(r"\w+", layer))


def contract() -> dict[str, object]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["tool"]["importlinter"]["contracts"][0]


def drawn() -> Layers:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = re.search(r"```layers\n(.*?)```", text, re.DOTALL)
    assert block, "ARCHITECTURE.md draws the layers"
    return [names(line) for line in block[1].splitlines()]


@pytest.mark.requirement("house.layers")
def test_no_module_imports_from_a_layer_above_or_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


@pytest.mark.requirement("house.layers")
def test_the_contract_covers_every_module_but_the_entry_point() -> None:
    assert contract()["exhaustive"] is True
    assert contract()["exhaustive_ignores"] == ["__main__"]


@pytest.mark.requirement("house.layers")
def test_the_layers_in_the_architecture_are_those_of_the_contract() -> None:
    layers = contract()["layers"]
    assert isinstance(layers, list)
    assert drawn() == [names(str(layer)) for layer in layers]


@pytest.mark.requirement("house.layers")
def test_every_module_is_explained_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    there = {
        path.stem for path in (ROOT / "src/tdscaling").iterdir() if path.name[0] != "_" and path.name != "py.typed"
    }
    explained = set(re.findall(r"^\| `(\w+)(?:/|\.py)` \|", text, re.MULTILINE))
    assert there <= explained


@pytest.mark.requirement("house.public_names")
def test_the_package_itself_gives_only_its_version() -> None:
    assert tdscaling.__all__ == ["__version__"]

"""What is installed is named exactly, and is what the project asks for."""

import re

import pytest
from packaging.requirements import Requirement
from scripts.pins import pins
from tests.house.files import ROOT

FILES = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-train.txt",
    "demo/requirements-servers.txt",
    "demo/requirements-sqlite.txt",
)


def pinned(file: str) -> dict[str, str]:
    """Name to version; an included file is left out."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    return {need.name.lower().replace("_", "-"): str(need.specifier) for need in wanted}


@pytest.mark.requirement("house.pins")
@pytest.mark.parametrize("file", FILES)
def test_every_pin_is_one_exact_version(file: str) -> None:
    found = pinned(file)
    assert found
    assert not {name: version for name, version in found.items() if not re.fullmatch(r"==\d[\w.]*", version)}


@pytest.mark.requirement("house.pins")
def test_everything_the_project_asks_for_is_pinned_at_a_version_that_serves() -> None:
    for file, text in pins().items():
        asked = {line.split("==")[0] for line in text.splitlines() if "==" in line}
        assert asked <= set(pinned(file)), f"{file}: run `make pins`"


@pytest.mark.requirement("house.pins")
def test_no_package_is_pinned_at_two_versions_in_one_environment() -> None:
    assert not set(pinned("requirements.txt")) & set(pinned("requirements-dev.txt"))
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")


@pytest.mark.requirement("house.pins")
def test_heavy_optional_packages_are_no_part_of_the_pins() -> None:
    assert not {"torch", "trl", "ray", "transformers"} & (
        set(pinned("requirements.txt")) | set(pinned("requirements-dev.txt"))
    )

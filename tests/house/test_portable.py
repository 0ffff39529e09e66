"""Nothing in the project is of one machine, one registry or one installer."""

import re

import pytest
from tests.house.files import ROOT, files, name

# written in parts, so that this file does not hold what it looks for
HOMES = re.compile(r"(?<![\w.])/(?:" + "|".join(["work", "root", "home/[a-z]+"]) + ")/", re.MULTILINE)
HOSTS = re.compile(
    "|".join(a + r"\." + b for a, b in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "(?:org|com)")))
)
INDEX = re.compile(r"--(?:extra-)?index" + "-url|--find-" + "links|--trusted-" + "host|--ha" + "sh=")
LOCKS = {"poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "package-lock.json", "yarn.lock"}
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".sh", ".j2", ".cfg", ""}


def found(pattern: re.Pattern[str]) -> dict[str, str]:
    """File name to the first match in it."""
    hits: dict[str, str] = {}
    for path in files():
        if path.suffix in TEXT and (match := pattern.search(path.read_text(encoding="utf-8", errors="replace"))):
            hits[name(path)] = match[0]
    return hits


@pytest.mark.requirement("house.portable")
def test_no_file_names_a_folder_of_someones_machine() -> None:
    assert not found(HOMES)


@pytest.mark.requirement("house.portable")
def test_no_file_names_a_package_registry_or_where_to_find_one() -> None:
    assert not found(HOSTS) | found(INDEX)


@pytest.mark.requirement("house.portable")
def test_there_are_no_lock_files_of_an_installer() -> None:
    assert not [name(path) for path in files() if path.name in LOCKS]


def test_the_patterns_see_what_they_are_for() -> None:
    assert HOMES.search("x = '/" + "root/.cache'")
    assert HOSTS.search("https://" + "pypi" + ".org/simple")
    assert INDEX.search("pip install --extra-index" + "-url x")


@pytest.mark.requirement("house.portable")
def test_what_is_installed_or_made_is_ignored_by_git() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".venv/", ".demo/", "runs/", "node_modules/"} <= set(ignored)

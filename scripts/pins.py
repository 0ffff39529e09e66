"""Writes requirements.txt and requirements-dev.txt: what the current environment has of the packages that
pyproject.toml asks for, and of those that they ask for in turn, at the exact versions installed.

    python -m scripts.pins
    python -m scripts.pins train        in .train: requirements-train.txt, what trains the experiment's arms

A package that is asked for on other platforms only is left out; one that is asked for on this platform and not on all
keeps its condition. The demo's servers live in environments of their
own and have pins of their own, in demo/.
"""

import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
CORE = "# What the package needs to be installed and to run, exact. Written by scripts/pins.py from pyproject.toml.\n"
DEV = "# What the checks and tests need besides, exact. Written by scripts/pins.py.\n-r requirements.txt\n"

TRAIN = "# What trains the arms of the experiment, exact. Written by scripts/pins.py, in .train.\n-r requirements.txt\n"


def closure(asked: Iterable[str]) -> dict[str, str]:
    """Canonical name to version (and condition) of everything that `asked` leads to in this environment."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    todo = [(Requirement(text), "") for text in asked]
    while todo:
        need, extra_of_parent = todo.pop()
        if need.marker and not need.marker.evaluate({"extra": extra_of_parent}):
            continue
        installed = distribution(need.name)
        name = canonicalize_name(need.name)
        platform = need.marker if not extra_of_parent and "platform_machine" in str(need.marker) else None
        found[name] = f"{installed.version}; {platform}" if platform else installed.version
        for extra in ["", *sorted(need.extras)]:
            if (name, extra) not in seen:
                seen.add((name, extra))
                todo += [(Requirement(text), extra) for text in installed.requires or []]
    return found


def lines(versions: dict[str, str]) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def pins() -> dict[str, str]:
    """File name to its text."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    core = closure(project["project"]["dependencies"] + groups["build"])
    dev = closure(groups["dev"])
    besides = {name: version for name, version in dev.items() if name not in core}
    return {"requirements.txt": CORE + lines(core), "requirements-dev.txt": DEV + lines(besides)}


def training_pins() -> dict[str, str]:
    """The same of the extra `train`, in the environment that has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    core = closure(project["dependencies"])
    train = closure(project["optional-dependencies"]["train"])
    besides = {name: version.partition("+")[0] for name, version in train.items() if name not in core}
    return {"requirements-train.txt": TRAIN + lines(besides)}


if __name__ == "__main__":
    for name, text in (training_pins() if sys.argv[1:] == ["train"] else pins()).items():
        (ROOT / name).write_text(text, encoding="utf-8")

"""The curated packages of the code tool: built once into a folder of their own, mounted read-only.

They come from the package index by their own names, never from the environment the product runs in.
"""

import compileall
import shutil
import subprocess
import sys
from pathlib import Path

from tdscaling.errors import SandboxError
from tdscaling.sandbox.cache import cache_folder
from tdscaling.sandbox.runtime import tag

CURATED = ("numpy>=2.2,<3", "openpyxl>=3.1,<4", "pandas>=2.2,<4")
COMPLETE = ".complete"


def default_folder() -> Path:
    """Where `build` puts them: one folder for each interpreter."""
    return cache_folder() / "packages" / tag()


def installed(folder: Path | None = None) -> Path | None:
    """The folder when it is there. A folder of one's own needs no marker. Raises SandboxError when it is missing."""
    if folder is not None:
        if not folder.is_dir():
            raise SandboxError(f"the package folder {folder} does not exist")
        return folder.resolve()
    built = default_folder()
    return built.resolve() if (built / COMPLETE).exists() else None


def build(folder: Path | None = None) -> Path:
    """Builds the packages with pip, wheels only, and returns their folder. Raises SandboxError."""
    target = folder or default_folder()
    work = target.with_name(f"{target.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    argv = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    argv += ["--only-binary", ":all:", "--target", str(work), *CURATED]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no output"]
        raise SandboxError(f"pip could not build the sandbox packages: {said[-1]}")
    for tests in sorted(work.glob("*/tests")):
        shutil.rmtree(tests)
    compileall.compile_dir(work, quiet=2)
    (work / COMPLETE).write_text("\n".join(CURATED) + "\n", encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)
    return target

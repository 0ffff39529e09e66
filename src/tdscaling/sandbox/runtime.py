"""The Python that runs inside a session: this interpreter's base installation, never the virtual environment."""

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

INSIDE = "/opt/python"
NAMES = "/opt/names"
"""Holds the links `python` and `python3` to the interpreter: distributions differ in which of them they have."""
SYSTEM = Path("/usr")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """`executable` is its path inside. `source` is the folder bound at /opt/python, None when it is in /usr."""

    executable: str
    source: Path | None

    @property
    def search_path(self) -> str:
        own = [f"{INSIDE}/bin"] if self.source else []
        return ":".join([NAMES, *own, "/usr/local/bin", "/usr/bin", "/bin"])

    @property
    def library_path(self) -> str:
        """Where a shared libpython lies; "" when the system's loader finds it by itself."""
        if self.source is None or not list((self.source / "lib").glob("libpython*.so*")):
            return ""
        return f"{INSIDE}/lib"

    @property
    def hidden(self) -> tuple[str, ...]:
        """Folders inside that are covered: packages installed beside the standard library."""
        if self.source is None:
            return ()
        versioned = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
        return (f"{INSIDE}/{versioned}",) if (self.source / versioned).is_dir() else ()


def interpreter() -> Interpreter:
    """The base installation of the Python that runs now."""
    base = Path(sys.base_prefix).resolve()
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if base.is_relative_to(SYSTEM):
        return Interpreter(str(base / "bin" / name), None)
    return Interpreter(f"{INSIDE}/bin/{name}", base)


def tag() -> str:
    """Names the interpreter's binary interface, for folders of compiled packages."""
    return f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"

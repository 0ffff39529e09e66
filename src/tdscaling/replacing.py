"""Which file a new one takes the place of: never a device, and where a link leads."""

import os
from pathlib import Path

from tdscaling.errors import ConfigError


def replaceable(path: Path) -> Path:
    """The file that may be replaced to write `path`: that at the end of a link, which stays, or `path` in full.

    Raises ConfigError where there is a device, a pipe or a socket, which a renamed file would do away with.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ConfigError(f"{path} is a device, a pipe or a socket and would be replaced: name a file")
    return Path(os.path.realpath(path))

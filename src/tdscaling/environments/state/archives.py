"""Zip containers (xlsx, docx, zip): their members count, not how and when they were packed."""

import io
import re
import struct
import zipfile
import zlib

from tdscaling.environments.state.values import digest_bytes
from tdscaling.values.workspace import WORKSPACE

CHANCE = re.compile(
    rb"<dcterms:(created|modified)[^<>]*+>[^<]*+</dcterms:\1>|<cp:lastModifiedBy>[^<]*+</cp:lastModifiedBy>"
)
"""No attribute holds a bare `<` in sound XML: a tag that never ends is given up at the next one."""
MAX_BYTES = 64 * 1024 * 1024
KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def archive_leaves(data: bytes, path: str, real: bytes) -> dict[str, str] | None:
    """A leaf per member, its times of creation and change left out; None for what is no readable archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if sum(item.file_size for item in members) > MAX_BYTES:
                return None
            if any(item.compress_type not in KINDS for item in members):
                return None  # the others may ask for as much memory as they like
            found = {path: "archive"}
            for item in members:
                content = archive.read(item).replace(real, WORKSPACE.encode())
                if item.filename.endswith("docProps/core.xml"):
                    content = CHANCE.sub(b"", content)
                found[f"{path}!{item.filename}"] = f"sha256:{digest_bytes(content)}"
            return found
    except (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, OSError, ValueError):
        return None

"""Names for servers and tools made from a specification: short, valid in every tool-calling interface, unique."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

MAX_NAME = 64
"""Characters of a tool name, as tool-calling interfaces allow."""

_GENERIC = re.compile(r"^(?:openapi|swagger|api|apis|spec|specification|schema|index|main|root|v?[0-9][0-9.]*)$")


def tool_name(operation_id: str, method: str, path: str) -> str:
    """A name of letters, digits, `_` and `-` from the operation id, or else from method and path.

    >>> tool_name("repos/list-for user", "get", "/users/{id}/repos")
    'repos_list-for_user'
    >>> tool_name("", "get", "/users/{id}/repos")
    'get_users_by_id_repos'
    >>> tool_name("一覧", "get", "/")
    'get'
    """
    spoken = re.sub(r"\{([^}]*)\}", r"by_\1", path)
    return shortened(_valid(operation_id) or _valid(f"{method}_{spoken}"))


def shortened(name: str) -> str:
    """`name`, cut to `MAX_NAME` characters with a digest of the whole at its end.

    >>> shortened("a" * 70)
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_6bd5e503'
    """
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME - 9].rstrip('_-')}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def unique_names(names: Sequence[str]) -> list[str]:
    """The names with `_2`, `_3`, … behind those that came before; a name of its own keeps it.

    >>> unique_names(["list", "get", "list", "list_2"])
    ['list', 'get', 'list_3', 'list_2']
    """
    taken = set(names)
    seen: set[str] = set()
    out: list[str] = []
    for name in names:
        made, number = name, 2
        while made in seen or (made != name and made in taken):
            made = shortened(f"{name}_{number}")
            number += 1
        seen.add(made)
        out.append(made)
    return out


def server_name(path: Path, title: str = "") -> str:
    """A readable name for the service that a specification file describes.

    >>> server_name(Path("specs/adyen.com__CheckoutService-v71.json"))
    'adyen.com-checkoutservice-v71'
    >>> server_name(Path("specs/petstore/openapi.yaml")), server_name(Path("v1/api.json"), "Pet Store API")
    ('petstore', 'pet-store-api')
    """
    for candidate in (path.stem, path.parent.name, title):
        name = re.sub(r"[^a-z0-9.]+", "-", candidate.lower()).strip("-.")
        if name and not _GENERIC.match(name):
            return name
    return re.sub(r"[^a-z0-9.]+", "-", path.stem.lower()).strip("-.") or "api"


def _valid(text: str) -> str:
    return re.sub(r"_{2,}", "_", re.sub(r"[^A-Za-z0-9_-]+", "_", text)).strip("_-")

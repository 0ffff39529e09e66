"""One readable name for a cluster: "Invoice life cycle — Stripe"."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from tdscaling.semantics.words import raw_words
from tdscaling.types import ClusterKind

_GENERIC_SERVER = frozenset("mcp server api com org io net local tool the client sdk service core subset json".split())


def cluster_name(kind: ClusterKind, nouns: Mapping[str, Sequence[tuple[str, ...]]]) -> str:
    """The name from the nouns of its tools by server.

    >>> cluster_name("resource", {"stripe.com": [("invoice",), ("invoice",), ("invoice", "line")]})
    'Invoice life cycle — Stripe'
    >>> cluster_name("cross_service", {"excel-mcp-server": [("sheet",)], "mcp-server-git": [("commit",)]})
    'Sheet and commit — Excel and Git'
    """
    servers = sorted(nouns)
    where = " and ".join(dict.fromkeys(server_title(server) for server in servers[:3]))
    if kind == "cross_service":
        things = list(dict.fromkeys(thing for server in servers for thing in _things(nouns[server])[:1]))
    else:
        things = _things([noun for server in servers for noun in nouns[server]])
    what = " and ".join(things[:2]) or "tools"
    if kind == "resource":
        what = f"{things[0] if things else 'tools'} life cycle"
    return f"{what[:1].upper()}{what[1:]} — {where}"


def _things(nouns: Sequence[tuple[str, ...]]) -> list[str]:
    count = Counter(" ".join(noun[:3]) for noun in nouns if noun)
    return [name for name, _ in sorted(count.items(), key=lambda item: (-item[1], item[0]))]


def server_title(server: str) -> str:
    """A server's name for people.

    >>> server_title("takashito/linode-mcp-server/linode-mcp-server"), server_title("xero.com__xero-payroll-au")
    ('Linode', 'Xero Payroll Au')
    """
    last = re.split(r"[/:]", server)[-1] or server
    found = [word for word in raw_words(last) if word not in _GENERIC_SERVER]
    kept = list(dict.fromkeys(found)) or raw_words(last) or [server or "Unnamed"]
    return " ".join(word.capitalize() for word in kept[:4])

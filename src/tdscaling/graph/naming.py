"""One readable name for a cluster: "Invoice life cycle — Stripe"."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from tdscaling.semantics.verbs import Role
from tdscaling.types import ClusterKind

_GENERIC_SERVER = frozenset(
    "mcp server api com org io net gov in local tool tools the client sdk service core subset json googleapis model "
    "context protocol remote official".split()
)
_EMPTY = frozenset(("entry", "information", "data", "result"))
"""Nouns that stand for none: named only where a cluster has no other."""
_SPELLED: Mapping[str, str] = {
    "github": "GitHub",
    "gitlab": "GitLab",
    "youtube": "YouTube",
    "linkedin": "LinkedIn",
    "openai": "OpenAI",
    "openapi": "OpenAPI",
    "mysql": "MySQL",
    "postgresql": "PostgreSQL",
    "promql": "PromQL",
    "oauth": "OAuth",
    "graphql": "GraphQL",
    "wordpress": "WordPress",
    "paypal": "PayPal",
    "shopify": "Shopify",
    "devops": "DevOps",
} | {
    word: word.upper()
    for word in "ai api aws bi ci cms cpu crm css csv dns ec2 erp fhir gpu hr html http iam ip iot jwt kms llm ml nft "
    "npm ocr pdf qr rds rss s3 saas sdk seo sip sms sql ssh ssl sso svg tls tv ui uri url utm vat vm "
    "vpc vpn xml".split()
}
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+[A-Za-z]*|[^\W\d_a-zA-Z]+")


def cluster_name(
    kind: ClusterKind, nouns: Mapping[str, Sequence[tuple[str, ...]]], roles: Collection[Role] = ("create",)
) -> str:
    """The name from the nouns of its tools by server; `roles` are what its tools do.

    >>> cluster_name("resource", {"stripe.com": [("invoice",), ("invoice",), ("invoice", "line")]})
    'Invoice life cycle — Stripe'
    >>> cluster_name("resource", {"stripe.com": [("invoice",), ("invoice",)]}, ("list", "get"))
    'Invoice look-up — Stripe'
    >>> cluster_name("cross_service", {"excel-mcp-server": [("sheet",)], "mcp-server-git": [("pdf",)]})
    'Sheet and PDF — Excel and Git'
    >>> cluster_name("service", {"shop": [("reward",), ("reward",), ("reward", "rule"), ("customer",)]})
    'Reward and customer — Shop'
    """
    servers = sorted(nouns)
    where = " and ".join(dict.fromkeys(server_title(server) for server in servers[:3]))
    if kind == "cross_service":
        things = list(dict.fromkeys(thing for server in servers for thing in _things(nouns[server])[:1]))
    else:
        things = _apart(_things([noun for server in servers for noun in nouns[server]]))
    if kind == "resource":
        what = f"{things[0] if things else 'tool'} {_course(roles)}"
    else:
        what = " and ".join(things[:2]) or "tools"
    return f"{what[:1].upper()}{what[1:]} — {where}"


def _course(roles: Collection[Role]) -> str:
    """What happens to a thing: it comes or goes, is only read, or is changed."""
    if {"create", "delete"} & set(roles):
        return "life cycle"
    return "look-up" if set(roles) <= {"list", "search", "get"} else "management"


def _things(nouns: Sequence[tuple[str, ...]]) -> list[str]:
    """The things, the commonest first; of a long phrase its end, which says what it is."""
    count = Counter(noun[-3:] for noun in nouns if noun)
    listed = sorted(count, key=lambda noun: (noun[-1] in _EMPTY and len(noun) == 1, -count[noun], noun))
    return [" ".join(_SPELLED.get(word, word) for word in noun) for noun in listed]


def _apart(things: Sequence[str]) -> list[str]:
    """The first thing and the next one that has no word of it, where there is one."""
    if len(things) < 3:
        return list(things)
    said = set(things[0].split())
    other = next((thing for thing in things[1:] if thing not in _EMPTY and said.isdisjoint(thing.split())), things[1])
    return [things[0], other]


def server_title(server: str) -> str:
    """A server's name for people.

    >>> server_title("takashito/linode-mcp-server/linode-mcp-server"), server_title("xero.com__xero-payroll-au")
    ('Linode', 'Xero Payroll Au')
    >>> server_title("googleapis.com__gmail"), server_title("aws-s3-tables"), server_title("githubProjects")
    ('Gmail', 'AWS S3 Tables', 'GitHub Projects')
    >>> server_title("")
    'Unnamed'
    """
    last = re.split(r"[/:]", server)[-1] or server
    parts: list[str] = [
        part.lower() for part in _PART.findall(last.replace("GitHub", "Github").replace("GitLab", "Gitlab"))
    ]
    telling = [part for part in parts if part not in _GENERIC_SERVER]
    kept: list[str] = list(dict.fromkeys(telling)) or parts or [server or "Unnamed"]
    return " ".join(_SPELLED.get(word, word.capitalize()) for word in kept[:4])

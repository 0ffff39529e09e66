"""Names and texts as words: camelCase, kebab-case, snake_case and Chinese compounds alike; singular, lower case."""

import re
import unicodedata
from functools import lru_cache

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_ENDS_IN_ID = frozenset(
    "paid valid invalid void avoid grid android bid raid solid fluid rapid hybrid covid uuid guid sid pid gid uid "
    "aid did hid kid lid mid rid said laid unpaid prepaid acid liquid squid braid maid candid splendid david "
    "euclid pyramid madrid orchid hyperfluid oid tid eid cid nid xid vid fid".split()
)
_COMPOUNDS = {
    "filepath": ("file", "path"),
    "filename": ("file", "name"),
    "dirname": ("directory", "name"),
    "dirpath": ("directory", "path"),
    "folderpath": ("folder", "path"),
    "username": ("user", "name"),
    "hostname": ("host", "name"),
    "nickname": ("nick", "name"),
    "tablename": ("table", "name"),
    "sheetname": ("sheet", "name"),
    "dbname": ("database", "name"),
    "reponame": ("repository", "name"),
    "timestamp": ("time", "stamp"),
    "datetime": ("date", "time"),
    "timezone": ("timezone",),
}
_SHORT = {
    "repo": "repository",
    "repos": "repository",
    "dir": "directory",
    "dirs": "directory",
    "db": "database",
    "org": "organization",
    "orgs": "organization",
    "organisation": "organization",
    "acct": "account",
    "addr": "address",
    "msg": "message",
    "img": "image",
    "doc": "document",
    "docs": "document",
    "cfg": "config",
    "configuration": "config",
    "env": "environment",
    "envs": "environment",
    "num": "number",
    "qty": "quantity",
    "desc": "description",
    "ids": "id",
    "identifier": "id",
    "identifiers": "id",
    "params": "parameter",
    "param": "parameter",
    "info": "information",
    "txn": "transaction",
    "tx": "transaction",
    "pr": "pull_request",
    "cust": "customer",
    "usr": "user",
    "pkg": "package",
    "prefs": "preference",
    "col": "column",
    "cols": "column",
    "ws": "workspace",
    "svc": "service",
    "cat": "category",
    "app": "application",
    "apps": "application",
    "dept": "department",
    "grp": "group",
    "emp": "employee",
    "proj": "project",
    "notif": "notification",
    "cred": "credential",
    "creds": "credential",
    "attr": "attribute",
    "attrs": "attribute",
    "dest": "destination",
    "src": "source",
    "acl": "acl",
}
_PLURAL_KEPT = frozenset(
    "status address access process business class pass bus gas lens news series species analysis basis axis "
    "canvas alias bias focus bonus campus census corpus virus kubernetes aws dns https sms gps os ios css js ts "
    "windows progress success address express congress press boss loss cross less plus yes this is was has its "
    "diagnosis thesis hypothesis synopsis previous various keys_ always".split()
)
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "indices": "index",
    "vertices": "vertex",
    "matrices": "matrix",
    "men": "man",
    "women": "woman",
    "data": "data",
    "media": "media",
    "statuses": "status",
    "addresses": "address",
    "aliases": "alias",
    "analyses": "analysis",
    "movies": "movie",
    "cookies": "cookie",
    "caches": "cache",
    "leaves": "leave",
    "ips": "ip",
    "vms": "vm",
    "dbs": "database",
    "ads": "ad",
    "apis": "api",
    "skis": "ski",
    "taxis": "taxi",
    "menus": "menu",
    "feet": "foot",
    "geese": "goose",
    "mice": "mouse",
    "lives": "life",
    "shelves": "shelf",
    "wolves": "wolf",
    "heroes": "hero",
    "cacti": "cactus",
    "criteria": "criterion",
    "phenomena": "phenomenon",
    "schemata": "schema",
    "appendices": "appendix",
    "series": "series",
}


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, lower case, compounds parted, short forms written out, in the singular.

    >>> words("listCustomerIDs"), words("pull-request_numbers"), words("accountid")
    (('list', 'customer', 'id'), ('pull', 'request', 'number'), ('account', 'id'))
    >>> words("客户编号"), words("filepath"), words("HTTPServer2")
    (('客户', '编号'), ('file', 'path'), ('http', 'server', '2'))
    """
    found: list[str] = []
    for part in _PART.findall(_spelled(name)):
        found.extend(_parts(part.lower()))
    return tuple(found)


_ACRONYM_PLURAL = re.compile(r"([A-Z]{2,})s(?![a-z])")


def _spelled(name: str) -> str:
    """Spelling that hides where a word ends: `IPs`, `OAuth`, `GitHub`."""
    text = unicodedata.normalize("NFKC", name[:200])
    text = _ACRONYM_PLURAL.sub(lambda match: match[1].capitalize() + "s", text)
    return text.replace("OAuth", "Oauth").replace("GitHub", "Github").replace("GitLab", "Gitlab")


def raw_words(name: str) -> list[str]:
    """The words of a name as they stand, lower case.

    >>> raw_words("getUserOrders_v2")
    ['get', 'user', 'orders', 'v', '2']
    """
    return [part.lower() for part in _PART.findall(name[:200])]


def _parts(word: str) -> tuple[str, ...]:
    if word in _COMPOUNDS:
        return _COMPOUNDS[word]
    if ord(word[0]) >= 0x3040:
        return _cjk(word)
    if len(word) > 4 and word.endswith("id") and word not in _ENDS_IN_ID:
        return (singular(word[:-2]), "id")
    if len(word) > 5 and word.endswith("ids") and word[:-1] not in _ENDS_IN_ID:
        return (singular(word[:-3]), "id")
    full = _SHORT.get(word)
    if full:
        return tuple(full.split("_"))
    return (singular(word),)


_CJK_VERBS = (
    "创建",
    "新建",
    "添加",
    "新增",
    "获取",
    "查询",
    "查看",
    "搜索",
    "检索",
    "列出",
    "更新",
    "修改",
    "编辑",
    "删除",
    "移除",
    "发送",
    "上传",
    "下载",
    "登录",
)
_CJK_TAILS = (
    "编号",
    "标识",
    "代码",
    "名称",
    "标题",
    "路径",
    "地址",
    "日期",
    "时间",
    "状态",
    "类型",
    "描述",
    "列表",
    "详情",
    "信息",
    "号",
    "名",
)


def _cjk(word: str) -> tuple[str, ...]:
    found: list[str] = []
    head = next((verb for verb in _CJK_VERBS if word.startswith(verb)), "")
    rest = word[len(head) :]
    tail = next((tail for tail in _CJK_TAILS if rest.endswith(tail) and len(rest) > len(tail)), "")
    found.extend(part for part in (head, rest[: len(rest) - len(tail)], tail) if part)
    return tuple(found)


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The singular of an English noun, by rule.

    >>> [singular(w) for w in ("companies", "boxes", "status", "invoices", "people", "addresses", "branches")]
    ['company', 'box', 'status', 'invoice', 'person', 'address', 'branch']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word in _PLURAL_KEPT or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


_TEXT_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|[^\W\d_a-zA-Z]+")


def text_words(text: str, limit: int = 60) -> list[str]:
    """The first `limit` words of running text, singular and lower case; stop words left out.

    >>> text_words("Returns the list of all invoices for a customer_id.")
    ['return', 'list', 'invoice', 'customer', 'id']
    """
    found: list[str] = []
    for match in _TEXT_WORD.finditer(text[: limit * 12]):
        for word in words(match.group()):
            if word not in STOP:
                found.append(word)
        if len(found) >= limit:
            break
    return found[:limit]


STOP = frozenset(
    "a an the of for to from in on by with and or all any is are be as at it its this that these those your you "
    "can will if when which into not no per via using use used given about their has have been more one only also "
    "such than then specified provided".split()
)

"""What a tool does where its name has no verb that says so, and which words say that something is worked out."""

import re
from collections.abc import Mapping
from dataclasses import replace

from tdscaling.semantics.fields import Phrase
from tdscaling.semantics.verbs import Role, is_plain_verb, is_verb
from tdscaling.semantics.views import ToolView
from tdscaling.semantics.words import raw_words, singular, text_words, words
from tdscaling.types import Tool

COMPUTES = frozenset(
    "statistic stat analyze analyse analysis calculate calculator compute compare predict forecast convert translate "
    "evaluate aggregate analytics trend estimate simulate optimize benchmark solve score rank explain summarize "
    "summarise visualize plot parse format encode decode hash encrypt decrypt validate diagnose debug sum average math "
    "time clock lint geocode geocoding reason reasoning".split()
)
"""Words of tools that work something out: what exactly, no schema says."""
_LOOKS = frozenset(
    "get list search find fetch query retrieve read look lookup scrape crawl scraper crawler browse discover return "
    "display show watch view check 获取 查询 查看 搜索 读取 返回 检索 取得 buscar obtener lire obter".split()
)
_SHOWS = frozenset("get list search find fetch retrieve return show display look".split())
_CHANGES = frozenset(
    "manage sell buy swap mint burn stake withdraw deposit extend trim merge migrate mutate eval interpolate rollback "
    "tap swipe hover drag toggle kill spawn upvote react remember forget learn tune enhance enrich compress resize "
    "crop rotate ensure reply shutdown reboot assume grant unlock configure upscale pop cleanup refresh maximize "
    "minimize populate prepare regenerate boot dig continue next unlike purchase ingest dispatch enqueue rent reserve "
    "donate delegate envia mandar comprar publicar "
    "创建 添加 修改 删除 更新 执行 发送 保存 设置 启动 停止".split()
)
"""Verbs of change that are hardly ever in the names of tools."""
_BEGIN = frozenset(
    "track request backup step switch scale vote pin bookmark comment train record end begin finish "
    "screenshot lock log note rate review clean fullscreen back turn power".split()
)
"""Nouns that are verbs of change where a name begins with them."""
_JOB = re.compile(
    r"\bstarts? an? (?:asynchronous|async|background)\b|\breturns? an? (?:\w+ )?(?:job|task|batch|operation) id\b", re.I
)
"""What a description says of a tool that leaves a job behind, which others ask about."""
_FURNITURE = re.compile(r"Deploy Server\b.*\bTry in Playground\b", re.DOTALL)
"""What a web page says around a tool, in place of a description."""


def doing(tool: Tool, view: ToolView) -> ToolView:
    """The view of a tool in the role that its name, its HTTP method or its description gives it: a tool of which
    nothing says that it changes anything reads.

    >>> from tdscaling.semantics.views import views
    >>> tools = [Tool(server="s", name=n, description=d) for n, d in
    ...          (("site_scrape", "Scrape a page"), ("hash_report", ""), ("sell_bet", "Sells a bet"))]
    >>> [doing(tool, view).role for tool, view in zip(tools, views(tools), strict=True)]
    ['get', 'get', 'act']
    """
    said = words(tool.name)
    if _starts_job(tool):
        return view if view.role in ("create", "update", "delete", "act") else replace(view, role="act")
    named, writes = any(is_verb(word) for word in said), view.role in ("create", "update", "delete", "act")
    if writes and not (_changes(tool) if not named else any(is_plain_verb(word) for word in said) or not _looks(tool)):
        return replace(view, role=_reads(tool))
    if view.role in ("get", "list", "search") and (
        (not named and _method(tool) not in ("", "GET", "HEAD")) or _leaves(tool)
    ):
        return replace(view, role="act")
    return view


def _starts_job(tool: Tool) -> bool:
    """Whether a description says that a tool leaves a job behind; tools that ask about one do not."""
    parts = {*words(tool.name)}
    return bool(_JOB.search(tool.description)) and not (tool.read_only or parts & {*_SHOWS, "check", "status"})


def _leaves(tool: Tool) -> bool:
    """Whether a tool that was taken for a reader begins with a verb of change and says nothing of reading."""
    parts, begun = words(tool.name), text_words(tool.description, 1)
    if tool.read_only or _method(tool) in ("GET", "HEAD") or {*parts} & _LOOKS or {*begun} & _SHOWS:
        return False
    return bool({*parts[:2]} & _CHANGES or {*parts[:1]} & _BEGIN)


def _looks(tool: Tool) -> bool:
    """Whether a description begins with a verb of reading, and no HTTP method says otherwise."""
    begun = text_words(tool.description, 1)
    return bool(begun) and begun[0] in _SHOWS and not _method(tool)


def _reads(tool: Tool) -> Role:
    last = raw_words(tool.name)[-1:]
    return "list" if last and singular(last[0]) != last[0] else "get"


def _changes(tool: Tool) -> bool:
    """Whether a tool whose name has no known verb says that it changes something."""
    parts, text = words(tool.name), "" if _FURNITURE.search(tool.description) else tool.description
    said = {*parts}
    if _method(tool) not in ("", "GET", "HEAD"):
        return not said & _LOOKS
    if said & _LOOKS or tool.read_only:
        return False
    begun = text_words(text, 4)
    first = next((word for word in begun if word in _LOOKS | _CHANGES | _BEGIN or is_verb(word)), "")
    begins = bool({*parts[:1]} & _BEGIN) or bool({*parts[1:2]} & _BEGIN and len(parts) > 2)
    begins = begins or any(_undoes(word) for word in parts[:1])
    return begins or bool(said & _CHANGES) or (first != "" and first not in _LOOKS)


def _undoes(word: str) -> bool:
    """`undelegate`, `unfollow`: the opposite of a change is one.

    >>> _undoes("undelegate"), _undoes("unit")
    (True, False)
    """
    rest = word.removeprefix("un")
    return rest != word and (rest in _CHANGES | _BEGIN or is_verb(rest))


def _method(tool: Tool) -> str:
    http = tool.annotations.get("x-http")
    return str(http.get("method", "")).upper() if isinstance(http, Mapping) else ""


_SAID_OF = frozenset("status state priority title description assignee".split())


def whose(view: ToolView) -> Phrase:
    """The noun of an updating tool; where it is only what is said of a thing, and given, the thing: a task, of
    `set_task_status(id, status)`."""
    last = view.noun[-1:]
    if not _SAID_OF & {*last} or all(field.words[-1:] != last for field in view.inputs):
        return view.noun
    named = [word for word in words(view.key.name) if not is_verb(word)]
    before = named[: named.index(last[0])] if last[0] in named else []
    return tuple(view.noun[:-1] or before[-2:]) or view.noun

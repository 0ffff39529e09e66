"""What a tool does: its verb role, from its name, its HTTP method and its description; and its noun."""

import re
from typing import Literal, TypeAlias, get_args

from tdscaling.semantics.words import STOP, raw_words, singular, text_words, words
from tdscaling.types import Tool

Role: TypeAlias = Literal["auth", "create", "list", "search", "get", "update", "act", "delete"]
ROLES: tuple[Role, ...] = get_args(Role)
"""In the order in which a process runs through them."""

_VERBS: dict[Role, str] = {
    "auth": "login signin authenticate authorize authorise logon connect init initialize initialise setup open "
    "launch 登录 conectar anmelden connecter",
    "create": "create add new insert register post make generate build compose draft schedule book place upload "
    "import clone copy duplicate fork provision define enroll invite submit store save write publish record "
    "put_new 创建 新建 添加 新增 上传 crear agregar erstellen creer ajouter criar",
    "list": "list enumerate index browse all log history 列出 列表 listar lister auflisten",
    "search": "search find query lookup filter discover match suggest recommend scan explore 搜索 检索 查询 buscar "
    "suchen chercher rechercher",
    "get": "one get fetch read retrieve show view describe detail inspect check download export load status diff "
    "summarize analyze analyse calculate compute count stat preview extract head peek tail current obtain "
    "validate verify test 获取 查看 obtener leer holen lire obter",
    "update": "update edit modify change set patch put rename replace move assign tag label mark configure reorder "
    "resize upsert merge format append adjust enable disable reset restore 更新 修改 编辑 actualizar aktualisieren "
    "modifier atualizar",
    "delete": "delete remove destroy drop clear purge cancel archive unregister revoke unsubscribe close uninstall "
    "terminate erase logout disconnect trash unassign unlink 删除 移除 eliminar borrar entfernen supprimer excluir",
    "act": "send run execute start stop trigger invoke call apply approve reject pay charge refund transfer convert "
    "translate notify reply forward share subscribe follow like click navigate press type scroll deploy sync "
    "process commit push pull checkout reset stash rebase confirm capture accept decline join leave relate "
    "link attach detach pause resume "
    "skip restart reboot play print render sign encrypt decrypt ping wait ask chat 发送 enviar senden envoyer",
}
_ROLE_OF: dict[str, Role] = {}
for _role, _names in _VERBS.items():
    for _name in _names.split():
        _ROLE_OF.setdefault(_name, _role)

_PLAIN = frozenset(
    "create add new insert generate list search find query lookup get fetch read retrieve describe update edit modify "
    "set patch put post delete remove destroy drop upsert replace login authenticate cancel "
    "save store relate link enumerate all one clear rename validate execute enable disable".split()
)
"""Words that are hardly ever nouns."""
_SURE = frozenset(
    "create add list search find query generate update delete remove retrieve validate send cancel".split()
)

_DIGEST = re.compile(r"_[0-9a-f]{8}$")

_METHOD: dict[str, Role] = {"get": "get", "head": "get", "post": "create", "put": "update", "patch": "update"}
_METHOD["delete"] = "delete"
_LINKS = frozenset("by for from to in on of with at per into via using within as or and between under".split())
_NOISE = STOP | {
    "v1",
    "v2",
    "v3",
    "rest",
    "mcp",
    "tool",
    "http",
    "endpoint",
    "id",
    "all",
    "list",
    "one",
    "v",
    "bulk",
    "partial",
    "multiple",
    "single",
    "many",
}


def is_verb(word: str) -> bool:
    """Whether a word may be the verb of a tool's name."""
    return word in _ROLE_OF


def is_plain_verb(word: str) -> bool:
    """Whether a word is a verb and hardly ever a noun: `create`, not `label`."""
    return word in _PLAIN


_UNNAMED = ("entry",)
"""The noun of tools such as `save`, `list` and `get`: all of a server speak of the same unnamed thing."""


class Verbal:
    """A tool's name read as verb and noun: `role`, the `noun` phrase, all `words` of the name, and the noun `of`
    another thing that it is about (`student` in `list_grades_for_student`)."""

    __slots__ = ("noun", "of", "role", "words")

    def __init__(
        self, role: Role, noun: tuple[str, ...], name_words: tuple[str, ...], of: tuple[str, ...] = ()
    ) -> None:
        self.of = of
        self.role: Role = role
        self.noun = noun
        self.words = name_words


def verbal(tool: Tool, prefix: frozenset[str] = frozenset()) -> Verbal:
    """Reads a tool's name; `prefix` are words that all names of the server share and that say nothing.

    >>> from tdscaling.types import Tool
    >>> for name in ("list_pull_requests_for_user", "StreamingJobs_ListByResourceGroup", "uploadSessionsAdd"):
    ...     v = verbal(Tool(server="s", name=name)); print(v.role, v.noun)
    list ('pull', 'request')
    list ('streaming', 'job')
    create ('upload', 'session')
    """
    name = _DIGEST.sub("", tool.name)
    found = words(name)
    rest = tuple(word for word in found if word not in prefix) or found
    position, role = _verb(rest)
    if role is None:
        position, role = -1, _fallback_role(tool)
    elif role == "get" and (_plural(name) or not {"all", "list"}.isdisjoint(rest)):
        role = "list"
    elif role == "create" and "update" in rest:
        role = "update"
    noun = _noun(rest, position) or tuple(word for word in _phrase(rest) if word not in _PLAIN) or _UNNAMED
    return Verbal(role, noun, found, _of(rest))


def _of(rest: tuple[str, ...]) -> tuple[str, ...]:
    """The noun after the first preposition."""
    for index, word in enumerate(rest[:-1]):
        if word in ("for", "of", "by", "from", "in"):
            return _phrase(rest[index + 1 :])
    return ()


def _verb(rest: tuple[str, ...]) -> tuple[int, Role | None]:
    """Position and role of the verb: the plainest one, at the start rather than elsewhere.

    A word such as `trigger` or `order` is a verb only where no plain one stands.
    """
    places = [(_verb_rank(rest, index), index) for index, word in enumerate(rest) if word in _ROLE_OF]
    if not places:
        return -1, None
    _, index = min(places)
    return index, _ROLE_OF[rest[index]]


def _verb_rank(rest: tuple[str, ...], index: int) -> int:
    """0 is best: a plain verb at the start, after another one (`post_generate`), at the end, anywhere; then others."""
    plain = rest[index] in _PLAIN
    if index == 0:
        method = rest[0] in ("get", "post", "put", "patch", "delete") and len(rest) > 1 and rest[1] in _SURE
        return (2 if method else 0) if plain else 4
    if plain:
        return 1 if index == 1 and rest[0] in ("get", "post", "put", "patch") and rest[1] in _SURE else 3
    return 5 if index == len(rest) - 1 else 6


def _plural(name: str) -> bool:
    """Whether `getThings` asks for many: the last word before a preposition is a plural."""
    found = raw_words(name)
    stop = next((index for index, word in enumerate(found) if index > 1 and word in _LINKS), len(found))
    return stop > 1 and singular(found[stop - 1]) != found[stop - 1]


def _fallback_role(tool: Tool) -> Role:
    """The role where the name has no verb: the HTTP method, then the description's first verb."""
    method = tool.annotations.get("method")
    if isinstance(method, str) and method.lower() in _METHOD:
        return _METHOD[method.lower()]
    for word in text_words(tool.description, 6):
        if word in _ROLE_OF:
            return _ROLE_OF[word]
    return "get" if tool.read_only else "act"


def _noun(rest: tuple[str, ...], verb: int) -> tuple[str, ...]:
    """The noun phrase after the verb, up to a preposition; before it where nothing (or a preposition) follows."""
    before = _phrase(rest[:verb]) if verb > 0 else ()
    after = rest[verb + 1 :]
    if not after or after[0] in _LINKS:
        return before
    return _phrase(after) or before or _phrase(rest)


def _phrase(part: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for word in part:
        if word in _LINKS:
            if found:
                break
            continue
        if word in _NOISE or word.isdigit() or word in found[-1:]:
            continue
        if word in _PLAIN and found:
            break
        if word != "update" and word not in ("or", "and"):
            found.append(word)
    return tuple(found[-4:])

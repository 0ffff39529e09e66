"""An endpoint that knows BFCL's gold, read from the package's own files; it serves one category at a time, since some
share their questions."""

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.llm.fake_endpoint import Body

Calls = list[tuple[str, dict[str, Any]]]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def oracle(data: Path, category: str) -> Callable[[Body], Body]:
    """What answers each request with the calls of its gold, or with words where none is to be made."""
    tasks = lines(data / f"BFCL_v4_{category}.json")
    answers = data / "possible_answer" / f"BFCL_v4_{category}.json"
    gold = [one["ground_truth"] for one in lines(answers)] if answers.exists() else [None] * len(tasks)
    turns = category.startswith("multi_turn")
    known = {_asked(task["question"][0]) if turns else _single(task): (task, right)
             for task, right in zip(tasks, gold, strict=True)}  # fmt: skip
    parameters = _parameters(data)

    def reply(body: Body) -> Body:
        if turns:
            task, right = known[_asked(_first_turn(body["messages"]))]
            return said(_next(body["messages"], right, task["initial_config"] and parameters))
        names = sorted(tool["function"]["name"] for tool in body.get("tools", []))
        task, right = known[_asked(body["messages"]) + str(names)]
        if right is None:
            return said([(names[0], {})] if "irrelevance" not in category else [])
        return said(list(_single_calls(task, right)))

    return reply


def said(calls: Calls) -> Body:
    if not calls:
        return {"role": "assistant", "content": "Done."}
    made = [
        {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for at, (name, arguments) in enumerate(calls)
    ]
    return {"role": "assistant", "content": None, "tool_calls": made}


def _asked(messages: list[dict[str, Any]]) -> str:
    return json.dumps([[one["role"], one["content"]] for one in messages])


def _single(task: dict[str, Any]) -> str:
    return _asked(task["question"][0]) + str(sorted(one["name"].replace(".", "_") for one in task["function"]))


def _first_turn(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    end = next((at for at, one in enumerate(messages) if one["role"] not in ("system", "user")), len(messages))
    return messages[:end]


def _next(messages: list[dict[str, Any]], right: list[list[str]], parameters: dict[str, list[str]]) -> Calls:
    """A turn is all calls at once, then words."""
    turn = sum(one["role"] == "user" for one in messages) - 1
    if messages[-1]["role"] != "user":
        return []
    return [_parsed(call, parameters) for call in right[turn]]


def _parsed(call: str, parameters: dict[str, list[str]]) -> tuple[str, dict[str, Any]]:
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call)
    name = ast.unparse(tree.func)
    given = dict(zip(parameters[name], map(ast.literal_eval, tree.args), strict=False))
    return name, given | {str(one.arg): ast.literal_eval(one.value) for one in tree.keywords}


def _parameters(data: Path) -> dict[str, list[str]]:
    """The parameters of each tool of the services, in order."""
    found = sorted((data / "multi_turn_func_doc").glob("*.json"))
    return {one["name"]: list(one["parameters"]["properties"]) for path in found for one in lines(path)}


def _single_calls(task: dict[str, Any], right: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    write = {"simple_java": in_java, "simple_javascript": in_javascript}.get(task["id"].rsplit("_", 1)[0])
    kinds = {one["name"]: one["parameters"] for one in task["function"]}
    for one in right:
        for name, wanted in one.items():
            needed = kinds[name].get("required", [])
            given = {key: _value(some) for key, some in wanted.items() if "" not in some or key in needed}
            if write:
                given = {key: write(value, kinds[name]["properties"][key]) for key, value in given.items()}
            yield name.replace(".", "_"), given


def _value(allowed: Any) -> Any:
    """The first of the values that are right, and in what is nested too; "" means that it may be left out."""
    if not isinstance(allowed, list):
        return allowed
    if not allowed:
        return []
    first = next((one for one in allowed if one != ""), "")
    if isinstance(first, dict):
        return {key: _value(some) for key, some in first.items() if some != [""]}
    if isinstance(first, list):
        return [_value([one]) if isinstance(one, dict) else one for one in first]
    return first


def in_java(value: Any, kind: dict[str, Any]) -> str:
    """The value as source text of Java, as those categories want it."""
    inner = kind.get("items", {})
    match value:
        case bool():
            return str(value).lower()
        case list() if kind["type"] == "ArrayList":
            return f"new ArrayList<>(Arrays.asList({', '.join(_inner_java(one, inner) for one in value)}))"
        case list():  # the package takes the quotes of a string in an array for a part of it
            bare = inner.get("type") == "String"
            return f"new Object[]{{{', '.join(str(one) if bare else _inner_java(one, inner) for one in value)}}}"
        case dict():
            puts = "; ".join(f'put("{key}", {_inner_java(some, {})})' for key, some in value.items())
            return f"new HashMap<String, Object>() {{{{ {puts} }}}}"
        case str():
            return value
    return f"{value}{ {'float': 'f', 'long': 'L'}.get(kind['type'], '') }"


def _inner_java(value: Any, kind: dict[str, Any]) -> str:
    return (
        f'"{value}"' if isinstance(value, str) and kind.get("type") != "char" else in_java(value, {"type": "", **kind})
    )


def in_javascript(value: Any, kind: dict[str, Any]) -> str:
    """The same of JavaScript."""
    if isinstance(value, str):
        return value
    return json.dumps(value) + ("n" if kind["type"] == "Bigint" else "")

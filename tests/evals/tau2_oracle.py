"""Two endpoints that know tau2-bench's gold: an agent, and a user that is scripted. They hand the turn to each other by
the number of actions that are done, and know the task by its place among those that were opened."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.evals.bfcl_oracle import said
from tests.llm.fake_endpoint import Body

_CASE = re.compile(r"Case (\d+), done: (\d+)\.")
STOP = "###STOP###"


def tasks(data: Path, domain: str) -> list[dict[str, Any]]:
    """The base split, in its order."""
    folder = data / "domains" / domain
    base = set(json.loads((folder / "split_tasks.json").read_text())["base"])
    return [task for task in json.loads((folder / "tasks.json").read_text()) if task["id"] in base]


def oracles(found: list[dict[str, Any]]) -> tuple[Callable[[Body], Body], Callable[[Body], Body]]:
    """The agent and the user, for tasks that are played one by one."""
    opened = iter(range(len(found)))

    def agent(body: Body) -> Body:
        case, done = _place(body["messages"])
        criteria = found[case]["evaluation_criteria"]
        actions = criteria.get("actions") or []
        if done < len(actions) and actions[done].get("requestor", "assistant") == "assistant":
            return _call(actions[done])
        told = " ".join(map(str, criteria.get("communicate_info") or [])) if done >= len(actions) else ""
        return {"role": "assistant", "content": f"Case {case}, done: {done}. {told}"}

    def user(body: Body) -> Body:
        if not _CASE.search(json.dumps(body["messages"])):
            return {"role": "assistant", "content": f"Case {next(opened)}, done: 0."}
        case, done = _place(body["messages"])
        actions = found[case]["evaluation_criteria"].get("actions") or []
        if done < len(actions) and actions[done].get("requestor") == "user":
            return _call(actions[done])
        return {"role": "assistant", "content": STOP if done >= len(actions) else f"Case {case}, done: {done}."}

    return agent, user


def silent(body: Body) -> Body:
    """A user that leaves once it has been answered."""
    turns = sum(message["role"] == "user" for message in body["messages"])
    return {"role": "assistant", "content": "Please help me." if turns < 2 else STOP}


def _place(messages: list[dict[str, Any]]) -> tuple[int, int]:
    """The task, and how many of its actions are done: those told of last and the calls since."""
    since = 0
    for message in reversed(messages):
        if found := _CASE.match(message.get("content") or ""):
            return int(found[1]), int(found[2]) + since
        since += message["role"] == "tool"
    raise AssertionError("nobody named a case")


def _call(action: dict[str, Any]) -> Body:
    return said([(action["name"], action["arguments"])])

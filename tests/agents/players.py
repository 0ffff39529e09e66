"""A model that plays well: it says what its prompt tells it to, and nothing is in its head but the prompt."""

import json
import re
from typing import Any

from tdscaling.llm import Completion, RawCall, Request
from tdscaling.llm.payload import message

Body = dict[str, Any]

USER = "You play a person who talks to an assistant"
MONITOR = "You watch a person in a chat"
JUDGE = "You review a conversation"
_CALL = re.compile(r"^- Call (\S+) with (\{.*\})$", re.MULTILINE)
_ASK = re.compile(r"^- Ask the user for: (.*)\. Make no call yet\.$", re.MULTILINE)
_TELL = re.compile(r"^- Tell the user the (.*?): (.*)$", re.MULTILINE)
_REFUSE = re.compile(r"^- Turn the request down, and say why: (.*)$", re.MULTILINE)
_WISHES = re.compile(r"sk for this(?: instead)?:\n((?:- .*\n?)+)")
_FACT = re.compile(r"^- (.+?): (.*)$", re.MULTILINE)


def well(body: Body) -> Body:
    """The message of a model that does exactly what the body's prompts ask for."""
    messages = body["messages"]
    if str(messages[0]["content"]).startswith(JUDGE):
        names = body["response_format"]["json_schema"]["schema"]["required"]
        return {"role": "assistant", "content": json.dumps({key: {"why": "so", "holds": True} for key in names})}
    if str(messages[0]["content"]).startswith(MONITOR):
        return {"role": "assistant", "content": json.dumps({"why": "so", "fault": "none"})}
    if messages[-1]["content"] and USER in str(messages[0]["content"]):
        return {"role": "assistant", "content": as_user(messages[0]["content"])}
    return as_assistant(messages[0]["content"])


def as_user(prompt: str) -> str:
    if "The assistant has asked you something." in prompt:
        known = prompt.partition("say word for word:\n")[2].partition("\n\n")[0]
        return "Sure. " + " ".join(f"The {label} is {value}." for label, value in _FACT.findall(known))
    found = _WISHES.search(prompt)
    assert found, prompt
    wishes = [line.removeprefix("- ") for line in found[1].strip().splitlines()]
    return " ".join(f"I'd like you to {wish}." for wish in wishes)


def as_assistant(system: str) -> Body:
    """Follows the private guidance in the system message."""
    if asked := _ASK.search(system):
        return {"role": "assistant", "content": f"What is the {asked[1]}?"}
    calls = [
        {"id": f"x{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(_CALL.findall(system))
    ]
    if calls:
        return {"role": "assistant", "content": None, "tool_calls": calls, "reasoning_content": "I was told to."}
    told = [f"The {label} is {value}." for label, value in _TELL.findall(system)]
    refused = [f"I can't do that: {reason}" for reason in _REFUSE.findall(system)]
    return {"role": "assistant", "content": " ".join([*told, *refused]) or "That's done."}


def reply(request: Request) -> Completion:
    """`well`, for a scripted model."""
    body = {"messages": [message(one) for one in request.messages]}
    said = well(body)
    calls = tuple(
        RawCall(id=one["id"], name=one["function"]["name"], arguments=one["function"]["arguments"])
        for one in said.get("tool_calls", ())
    )
    return Completion(content=said["content"] or "", calls=calls, reasoning=said.get("reasoning_content"))


def in_text(request: Request) -> Completion:
    """`reply` of a model that can't call tools: calls stand in its text, in tags."""
    found = reply(request)
    calls = [
        f'<tool_call>\n{{"name": "{one.name}", "arguments": {one.arguments}}}\n</tool_call>' for one in found.calls
    ]
    return Completion(content="\n".join([found.content, *calls]).strip())


def under_schema(request: Request) -> Completion:
    """`reply` of a model whose answers a schema constrains."""
    found = reply(request)
    if request.schema is None:
        return found
    calls = [{"name": one.name, "arguments": json.loads(one.arguments)} for one in found.calls]
    return Completion(content=json.dumps({"say": found.content, "calls": calls}))

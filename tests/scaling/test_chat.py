"""The text a model is trained on: spans, marks, and the template that writes the same."""

import json
import re
from dataclasses import replace

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tests.scaling.pools import DIALOGUE

from tdscaling.export import EXPORTERS, Record
from tdscaling.scaling.chat import END, prompt, template, written
from tdscaling.types import Dialogue


def by_template(dialogue: Dialogue, **more: bool) -> str:
    """As transformers renders it, the generation marks aside."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    source = re.sub(r"{%-? (?:end)?generation -?%}", "", template())
    row = EXPORTERS["trl"].record(Record(dialogue=dialogue))
    return environment.from_string(source).render(messages=row["messages"], tools=json.loads(str(row["tools"])), **more)


@pytest.mark.requirement("scaling.marks")
def test_the_loss_falls_on_assistant_messages_and_not_on_marked_ones() -> None:
    found = written(DIALOGUE)
    parts = [found.text[span.start : span.end] for span in found.trained]
    assert len(parts) == 2
    assert parts[0].startswith("Right away.\n<tool_call>")
    assert parts[1] == f"Sun.{END}"
    for mark in ("wrong", "redundant"):
        messages = list(DIALOGUE.messages)
        messages[2] = replace(messages[2], mark=mark)
        marked = written(replace(DIALOGUE, messages=tuple(messages)))
        assert marked.text == found.text
        assert [marked.text[span.start : span.end] for span in marked.trained] == [f"Sun.{END}"]
        assert [one.kind for one in marked.actions] == ["answer"]


@pytest.mark.requirement("scaling.actions")
def test_each_call_and_each_answer_is_an_action_with_its_own_letters() -> None:
    found = written(DIALOGUE)
    assert [one.kind for one in found.actions] == ["call", "call", "answer"]
    first = found.actions[0]
    assert found.text[first.decided.start : first.decided.end] == '<tool_call>\n{"name": "look"'
    whole = found.text[first.whole.start : first.whole.end]
    assert whole == '<tool_call>\n{"name": "look", "arguments": {"city": "Oslo", "days": 3}}\n</tool_call>'
    last = found.actions[-1]
    assert found.text[last.whole.start : last.whole.end] == f"Sun.{END}"


@pytest.mark.requirement("scaling.template")
def test_the_template_writes_the_same_text() -> None:
    assert by_template(DIALOGUE) == written(DIALOGUE).text
    plain = replace(DIALOGUE, messages=DIALOGUE.messages[1:])
    assert by_template(plain) == written(plain).text
    before = DIALOGUE.messages[:5]
    assert by_template(replace(DIALOGUE, messages=before), add_generation_prompt=True) == prompt(before, DIALOGUE.tools)

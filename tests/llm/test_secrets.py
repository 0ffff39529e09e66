"""An endpoint that says the key again gets it nowhere."""

import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.llm.asking import ask, model
from tests.llm.fake_endpoint import Body, FakeEndpoint

from tdscaling.llm.refusals import failure
from tdscaling.llm.secrets import Secret, forms, without

KEY = 'hush-3f9a8b+7c/6d5e"4f'
PLAIN = "hush3f9a8b7c6d5e4f"


def written(folder: Path, text: str) -> list[Path]:
    """The files that hold a text."""
    return [path for path in folder.iterdir() if text.encode() in path.read_bytes()]


def telling(body: Body) -> Body:
    """An answer with the key wherever a key can be."""
    call = {"id": f"call {KEY}", "function": {"name": f"n{KEY}", "arguments": json.dumps({"token": KEY})}}
    password = b64encode(f":{KEY}".encode()).decode()
    return {
        "content": f"Bearer {KEY}, Basic {password}, and once more {KEY}.",
        "reasoning_content": f"The key is {KEY}",
        "refusal": KEY,
        "tool_calls": [call],
    }


@pytest.mark.requirement("llm.secrets")
@pytest.mark.parametrize("stream", [False, True])
async def test_a_key_that_an_endpoint_answers_is_neither_read_nor_kept(stream: bool, tmp_path: Path) -> None:
    endpoint, environ = FakeEndpoint(reply=telling, key=KEY), {"TINY_KEY": KEY}
    async with model(
        endpoint, folder=tmp_path, environ=environ, api_key_env="TINY_KEY", stream=stream, model=KEY
    ) as asked:
        answer = await asked.complete(ask())
    assert answer.content == "Bearer [key], Basic [key]=, and once more [key]."
    assert json.loads(answer.calls[0].arguments) == {"token": "[key]"}
    assert (answer.calls[0].id, answer.calls[0].name, answer.reasoning) == ("call [key]", "n[key]", "The key is [key]")
    for text in (KEY[:12], b64encode(f":{KEY}".encode()).decode()[:12]):
        assert not written(tmp_path, text)


@pytest.mark.requirement("llm.secrets")
@pytest.mark.parametrize("key", ["none", "EMPTY", ""])
def test_a_word_in_the_place_of_a_key_stays_in_answers(key: str) -> None:
    assert forms(Secret(key)) == ()


def test_an_answer_without_the_key_is_the_same_bytes() -> None:
    body = b'{"choices": []}'
    assert without(body, forms(Secret(KEY))) is body


@pytest.mark.requirement("llm.secrets")
@pytest.mark.parametrize(
    ("before", "after"),
    [(b" " * 1991, b""), (b"<p>" * 663, b""), (b'["' + b" " * 389, b'"]'), (b'{"error": "' + b"x " * 95, b'"}')],
)
def test_an_error_that_is_cut_holds_no_half_of_a_key(before: bytes, after: bytes) -> None:
    said = str(failure(400, before + PLAIN.encode() + after, None, Secret(PLAIN)))
    assert PLAIN[:4] not in said


@pytest.mark.requirement("llm.secrets")
@pytest.mark.parametrize(
    "said",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY, safe="").lower(),
        b64encode(KEY.encode()).decode(),
        urlsafe_b64encode(KEY.encode()).decode(),
        b64encode(f":{KEY}".encode()).decode(),
    ],
)
@pytest.mark.parametrize("body", ['{{"error": "no: {} is wrong"}}', "no: {} is wrong"])
def test_an_error_holds_a_key_in_no_spelling(said: str, body: str) -> None:
    told = body.format(json.dumps(said)[1:-1] if body.startswith("{") else said).encode()
    assert "no: [key]" in str(failure(400, told, None, Secret(KEY)))


@pytest.mark.requirement("llm.secrets")
@pytest.mark.parametrize("user", ["", "u", "us", "use"])
def test_of_a_password_in_base64_no_more_is_said_than_what_depends_on_its_neighbours(user: str) -> None:
    password = b64encode(f"{user}:{KEY}!".encode()).decode()
    said = str(failure(400, f'{{"error": "Basic {password}"}}'.encode(), None, Secret(KEY)))
    before, after = said.partition("Basic ")[2].split("[key]")
    assert len(before) <= (len(user) + 1) * 8 / 6 + 1
    assert len(after.rstrip("=")) <= 3

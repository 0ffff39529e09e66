"""`tdscaling view` as a browser meets it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.request import urlopen

import aiohttp
import pytest
from tests.cli.commands import contents
from tests.report.samples import HOSTILE
from tests.store.sample import item, outcome, rejected, trajectory

from tdscaling.errors import ConfigError, StoreError
from tdscaling.store import Outcome, RunStore
from tdscaling.types import Dialogue, Message, OfferedTool, ToolCall
from tdscaling.viewer import viewing
from tdscaling.viewer.pages import LETTERS, PAGE

KEPT, FAILED, REJECTED, MISSED, BAD = (f"/item/h{number:03}" for number in range(5))


def hostile(number: int) -> Outcome:
    """A kept trajectory each of whose texts is markup."""
    text = " ".join(HOSTILE)
    call = ToolCall(id="1", name=text, arguments={text: text})
    messages = (
        Message(role="user", content=text),
        Message(role="assistant", content=text, reasoning=text, tool_calls=(call,)),
        Message(role="tool", content=text, name=text, tool_call_id="1", is_error=True),
    )
    tool = OfferedTool(name=text, description=text, parameters={text: text})
    one = trajectory(number, failed=text)
    where = replace(one.descriptor, domain=text, servers=(text,))
    made = replace(one, dialogue=Dialogue(messages=messages, tools=(tool,)), descriptor=where, provenance={text: text})
    target = replace(item(number).target, cluster=text)
    return replace(outcome(number), item=replace(item(number), target=target), trajectory=made)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    missed = replace(outcome(3), misses=(trajectory(30, "effects"),))
    with RunStore.open(folder, "f", "seed: 7") as store:
        for one in (outcome(0), outcome(1, failed="replay"), rejected(2), missed, hostile(4)):
            store.record(one)
    return folder


@pytest.fixture
async def url(run: Path) -> AsyncGenerator[str]:
    async with viewing(run) as found:
        yield found


async def get(address: str, *, host: str = "", method: str = "GET") -> tuple[int, str, str]:
    headers = {"Host": host} if host else {}
    async with aiohttp.ClientSession() as session, session.request(method, address, headers=headers) as answer:
        return answer.status, await answer.text(), answer.headers["Content-Security-Policy"]


def written(run: Path) -> dict[str, bytes]:
    """The files of a run, but for the one in which its readers note that they read."""
    return {name: found for name, found in contents(run).items() if not name.endswith("-shm")}


def seen(html: str) -> str:
    """What a reader sees: the text between the tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.mark.requirement("viewer.all")
async def test_each_line_of_the_funnel_leads_to_the_items_that_ended_there(url: str) -> None:
    _, html, _ = await get(url)
    lines = dict(re.findall(r'<li><a href="(/\?fate=[^"]*)">[^<]*</a> <span>(\d+)</span>', html))
    assert list(lines.values()) == ["1", "1", "1", "2"]
    for line, count in lines.items():
        _, there, _ = await get(url + unescape(line))
        assert len(re.findall(r'<a href="/item/', there)) == int(count)


@pytest.mark.requirement("viewer.all")
async def test_an_item_shows_its_dialogue_checks_plan_and_cost(url: str) -> None:
    status, html, _ = await get(url + KEPT)
    text = seen(html)
    assert status == 200
    assert "h000 kept" in text
    assert '{ "branch": "main", "limit": 1 }' in text
    assert "fatal: bad revision 'dév'" in text
    assert "Two branches are named." in text
    assert "assistant · wrong" in text
    assert "2 tools were offered" in text
    assert "arguments passed" in text
    assert "newest commit of {f1}" in text
    assert "git/git_show" in text
    assert "user m 1 7 0.0 0.5000" in text
    assert "timeout git" in text
    assert '"assistant": "procedural"' in text


@pytest.mark.requirement("viewer.all")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        (FAILED, "replay failed differs"),
        (REJECTED, "The plan fell: no-op passes seen"),
        (MISSED, "An earlier rollout of the same plan: failed: effects"),
    ],
)
async def test_an_item_that_fell_says_why(url: str, address: str, said: str) -> None:
    _, html, _ = await get(url + address)
    assert said in seen(html)


async def test_before_and_after_stay_within_what_is_looked_at(url: str) -> None:
    _, html, _ = await get(f"{url}{KEPT}?fate=kept")
    assert 'rel="next" href="/item/h003?fate=kept"' in html
    assert 'rel="prev"' not in html


@pytest.mark.requirement("viewer.all")
async def test_the_json_of_an_item_has_all_of_it(url: str) -> None:
    _, text, _ = await get(f"{url}{MISSED}.json")
    found = json.loads(text)
    assert found["fate"] == "kept"
    assert found["trajectory"]["dialogue"]["messages"][0]["content"] == "You look after a repository."
    assert [miss["id"] for miss in found["near_misses"]] == ["t30"]
    assert found["blueprint"]["goal"] == "know the newest commit"
    assert found["usage"][0]["cost"] == 0.5


async def test_a_long_list_comes_in_pages(run: Path) -> None:
    with RunStore.open(run, "f", "seed: 7") as store:
        for number in range(10, 10 + PAGE):
            store.record(rejected(number))
    async with viewing(run) as url:
        _, first, _ = await get(f"{url}/?page=1")
        _, last, _ = await get(f"{url}/?page=99999999999999999999")
    assert f"1 to {PAGE} of {PAGE + 5}" in seen(first)
    assert f"{PAGE + 1} to {PAGE + 5} of {PAGE + 5}" in seen(last)


async def test_a_long_text_is_cut_and_says_so(run: Path) -> None:
    long = Dialogue(messages=(Message(role="user", content="a" * (LETTERS + 7)),))
    with RunStore.open(run, "f", "seed: 7") as store:
        store.record(replace(outcome(9), trajectory=replace(trajectory(9), dialogue=long)))
    async with viewing(run) as url:
        _, html, _ = await get(f"{url}/item/h009")
    assert "and 7 letters more" in html
    assert len(html) < LETTERS + 10_000


@pytest.mark.requirement("viewer.escaped")
@pytest.mark.parametrize("address", ["/", BAD, f"/?{'&'.join(f'{key}=<script>' for key in ('fate', 'domain', 'id'))}"])
async def test_no_text_becomes_markup_and_no_script_may_run(url: str, address: str) -> None:
    _, html, policy = await get(url + address)
    assert not re.search(r"<(script|img|svg)\b", html)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=", html)
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in policy


async def test_text_that_is_no_unicode_is_shown_all_the_same(run: Path) -> None:
    half = Dialogue(messages=(Message(role="user", content="half a pair \ud800"),))
    with RunStore.open(run, "f", "seed: 7") as store:
        store.record(replace(outcome(9), trajectory=replace(trajectory(9), dialogue=half)))
    async with viewing(run) as url:
        status, html, _ = await get(f"{url}/item/h009")
        _, whole, _ = await get(f"{url}/item/h009.json")
    assert status == 200
    assert "half a pair ?" in html
    assert json.loads(whole)["trajectory"]["dialogue"]["messages"][0]["content"] == "half a pair \ud800"


@pytest.mark.requirement("viewer.here")
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1]", "0.0.0.0"])
async def test_whoever_asks_by_another_name_is_refused(url: str, host: str) -> None:
    status, html, _ = await get(url + KEPT, host=host)
    assert status == 403
    assert "You look after a repository." not in html


@pytest.mark.requirement("viewer.here")
async def test_the_pages_listen_on_the_loopback_alone(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    assert (await get(url, host=f"localhost:{url.rsplit(':', 1)[1]}"))[0] == 200


@pytest.mark.requirement("viewer.reads")
async def test_nothing_is_written_into_a_run_that_is_under_way(run: Path) -> None:
    with RunStore.open(run, "f", "seed: 7") as store:
        async with viewing(run) as url:
            before = written(run)
            for address in ("/", KEPT, f"{KEPT}.json"):
                assert (await get(url + address))[0] == 200
            assert (await get(url, method="POST"))[0] == 405
            assert written(run) == before
            store.record(rejected(7))
            assert (await get(f"{url}/item/h007"))[0] == 200


@pytest.mark.requirement("viewer.refused")
async def test_what_is_not_there_is_said_in_one_line(url: str, run: Path) -> None:
    assert "no item h999 has ended in this run" in (await get(f"{url}/item/h999"))[1]
    status, html, _ = await get(f"{url}/item/../../run.db")
    assert status == 404
    assert "there is no such page" in html
    shutil.rmtree(run)
    status, html, _ = await get(url)
    assert status == 503
    assert "is no run folder" in html


@pytest.mark.requirement("viewer.refused")
async def test_no_run_and_a_taken_port_are_refused(tmp_path: Path, url: str, run: Path) -> None:
    with pytest.raises(StoreError, match="is no run folder"):
        async with viewing(tmp_path):
            pass
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(ConfigError, match=f"port {port} can't be listened at .*: name another with --port"):
        async with viewing(run, port):
            pass


@pytest.mark.requirement("viewer.command")
def test_the_command_says_where_the_pages_are_and_ends_when_it_is_told_to(run: Path) -> None:
    command = [sys.executable, "-m", "tdscaling", "view", str(run), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert found is not None
            with urlopen(found[0], timeout=30) as answer:
                assert answer.status == 200
            server.terminate()
            _, said = server.communicate(timeout=30)
        finally:
            server.kill()
    assert (server.returncode, said) == (0, "stopped\n")

"""Benchmarks that run in environments of their own: what commands make of what comes back from there. A shell script
stands for the environment's Python here; `test_official.py` has the real packages."""

import json
from pathlib import Path

import pytest
from tests.evals.test_sets import asked, run

from tdscaling.errors import ConfigError, DataError, ProviderError
from tdscaling.evals.bfcl import ALL, BFCL
from tdscaling.evals.packages import MADE, Package, environment
from tdscaling.evals.tau2 import DOMAINS, TAU2

URL = "http://localhost:9/v1"
RESULT = {
    "scores": {"simple_python": 0.5, "parallel": 1.0},
    "items": [["simple_python", "s-0", None], ["simple_python", "s-1", "wrong"], ["parallel", "p-0", None]],
}


def installed(package: Package, cache: Path, *lines: object, version: str = "", ends: str = "") -> Path:
    """An environment whose Python keeps its job in job.json, says these lines and ends."""
    folder = cache / f"{package.name}-{package.version}"
    held = f"{package.name.replace('-', '_')}-{version or package.version}.dist-info"
    (folder / "lib" / "python3.11" / "site-packages" / held).mkdir(parents=True)
    (folder / MADE).touch()
    (folder / "bin").mkdir()
    said = "".join(f"echo '{json.dumps(line)}'\n" for line in lines)
    (folder / "bin" / "python").write_text(f"#!/bin/sh\ncat >{cache}/job.json\n{said}{ends}\n")
    (folder / "bin" / "python").chmod(0o755)
    return cache


@pytest.mark.requirement("evals.bfcl", "evals.result")
def test_what_the_package_scored_is_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "hush")
    cache = installed(BFCL, tmp_path, {"done": 1, "of": 2}, {"result": RESULT})
    out = tmp_path / "out"
    more = ("--cache", cache, "--part", "simple_python", "--part", "parallel", "--limit", 2, "--api-key-env", "MY_KEY")
    found = asked("bfcl", URL, out, *more)
    assert found["scores"] == RESULT["scores"]
    assert found["tasks"] == {"simple_python": 2, "parallel": 1}
    assert [one["passed"] for one in found["items"]] == [True, False, True]
    assert found["versions"]["bfcl-eval"] == BFCL.version
    assert "no figure of the benchmark" in found["about"]["limited to"]
    job = json.loads((tmp_path / "job.json").read_text())
    assert (job["base_url"], job["model"], job["key"], job["limit"]) == (URL, "m", "hush", 2)
    assert job["categories"] == ["simple_python", "parallel"]
    assert "hush" not in (out / "bfcl.json").read_text()


@pytest.mark.requirement("evals.bfcl")
def test_all_categories_are_asked_where_none_is_named(tmp_path: Path) -> None:
    asked("bfcl", URL, tmp_path / "out", "--cache", installed(BFCL, tmp_path, {"result": RESULT | {"scores": {}}}))
    assert json.loads((tmp_path / "job.json").read_text())["categories"] == list(ALL)


@pytest.mark.requirement("evals.tau2", "evals.result")
def test_of_tau2_each_domain_has_its_score_beside_the_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYER_KEY", "hush-hush")
    items = [["airline", "0", None], ["airline", "1", "ended by user_stop: DB 0"], ["retail", "0", None]]
    floors = {"airline": 0.25, "retail": 0.0, "telecom": 0.0}
    passed = {"airline": [0.5], "retail": [1.0], "telecom": [0.0]}
    cache = installed(TAU2, tmp_path, {"result": {"items": items, "passed": passed, "floors": floors}})
    user = ("--user-base-url", "http://localhost:8/v1", "--user-model", "players", "--user-api-key-env", "PLAYER_KEY")
    found = asked("tau2", URL, tmp_path / "out", "--cache", cache, *user)
    assert found["scores"]["airline"] == 0.5
    assert found["scores"]["airline floor"] == 0.25
    assert found["tasks"] == {"airline": 2, "airline floor": 2, "retail": 1, "retail floor": 1, "telecom": 0,
                              "telecom floor": 0}  # fmt: skip
    assert found["about"]["user"] == "players at http://localhost:8/v1"
    job = json.loads((tmp_path / "job.json").read_text())
    assert job["domains"] == list(DOMAINS)
    assert (job["user"]["model"], job["user"]["key"], job["key"]) == ("players", "hush-hush", None)
    assert job["trials"] == 1
    assert "hush" not in (tmp_path / "out" / "tau2.json").read_text()


@pytest.mark.requirement("evals.tau2", "evals.result")
def test_of_several_trials_each_share_of_tasks_solved_that_often_is_a_score(tmp_path: Path) -> None:
    items = [["retail", name, why] for name, why in (("0", None), ("1", None), ("0 trial 2", None), ("1 trial 2", "x"))]
    result = {"items": items, "passed": {"retail": [0.75, 0.5]}, "floors": {"retail": 0.0}}
    cache = installed(TAU2, tmp_path, {"result": result})
    more = ("--user-base-url", URL, "--user-model", "u", "--part", "retail", "--trials", "2")
    found = asked("tau2", URL, tmp_path / "out", "--cache", cache, *more)
    assert found["scores"] == {"retail": 0.75, "retail pass^2": 0.5, "retail floor": 0.0}
    assert set(found["tasks"].values()) == {2}
    assert len(found["items"]) == 4
    assert found["about"]["asked"].startswith("each task of the base split, trials: 2,")
    assert json.loads((tmp_path / "job.json").read_text())["trials"] == 2


@pytest.mark.requirement("evals.dead")
def test_a_user_endpoint_that_dies_is_the_one_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYER_KEY", "hush-hush")
    cache = installed(TAU2, tmp_path, {"dead": "no key hush-hush", "at": "http://localhost:8/v1"})
    user = ("--user-base-url", "http://localhost:8/v1", "--user-model", "players", "--user-api-key-env", "PLAYER_KEY")
    with pytest.raises(ProviderError, match=r"localhost:8/v1 died: no key \[key\];"):
        asked("tau2", URL, tmp_path / "out", "--cache", cache, *user)


@pytest.mark.requirement("evals.dead")
def test_an_endpoint_that_dies_leaves_one_line_without_the_key_and_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "hush")
    cache = installed(BFCL, tmp_path, {"done": 1, "of": 2}, {"dead": "401 for key hush"})
    with pytest.raises(ProviderError, match=r"localhost:9/v1 died: 401 for key \[key\]; the same command goes on"):
        asked("bfcl", URL, tmp_path / "out", "--cache", cache, "--api-key-env", "MY_KEY")
    assert not (tmp_path / "out" / "bfcl.json").exists()


def test_a_script_that_breaks_off_is_told_with_its_last_words(tmp_path: Path) -> None:
    cache = installed(BFCL, tmp_path, {"done": 1, "of": 2}, ends="echo 'MemoryError: no more' >&2; exit 3")
    with pytest.raises(DataError, match=r"broke off \(MemoryError: no more\).*log\.txt"):
        asked("bfcl", URL, tmp_path / "out", "--cache", cache)


@pytest.mark.requirement("evals.version")
def test_another_version_in_the_environment_is_refused(tmp_path: Path) -> None:
    cache = installed(BFCL, tmp_path, {"result": RESULT}, version="2025.6.8")
    with pytest.raises(ConfigError, match=r"must hold bfcl-eval==2026\.3\.23 and holds bfcl_eval-2025\.6\.8: remove"):
        asked("bfcl", URL, tmp_path / "out", "--cache", cache)


@pytest.mark.requirement("evals.version")
def test_without_a_python_that_can_run_it_one_line_says_what_to_install(tmp_path: Path) -> None:
    package = Package(name="bench", version="1.0", python=(12, 99))
    with pytest.raises(ConfigError, match=r"^bench needs Python 3\.12 or newer.*: install python3\.12-venv$"):
        environment(package, tmp_path, ["no-such-python", "/bin/false"])
    with pytest.raises(ConfigError, match=r"needs Python 3\.10 to 3\.12,"):
        environment(BFCL, tmp_path, ["no-such-python"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bfcl", "--part", "memory_kv"), "--part memory_kv is none of bfcl: it has non_live, live, multi_turn"),
        (("sql", "--part", "parallel"), "--part is of bfcl and tau2 alone: leave it out for sql"),
        (("tau2",), "tau2 needs a model that plays the user: --user-base-url URL --user-model NAME"),
        (("tau2", "--part", "banking", "--user-base-url", URL, "--user-model", "u"), "--part banking is none of tau2"),
        (("tau2", "--user-base-url", URL), "--user-model"),
        (("sql", "--user-base-url", URL), "--user-base-url is of tau2 alone: leave it out for sql"),
        (("bfcl", "--trials", "2"), "--trials is of tau2 alone: leave it out for bfcl"),
        (("sql", "--install"), "sql has no package to install"),
        (("bfcl", "--api-key-env", "NOT_SET_HERE"), "set the environment variable NOT_SET_HERE"),
    ],
)
def test_what_is_asked_for_wrongly_is_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    cache = installed(BFCL, tmp_path, {"result": RESULT})
    result = run(*words, "--base-url", URL, "--model", "m", "-o", tmp_path / "out", "--cache", cache)
    assert isinstance(result.exception, ConfigError)
    assert said in str(result.exception)

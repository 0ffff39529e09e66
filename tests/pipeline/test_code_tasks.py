"""Code tasks in a run: their share, runs without any source, and what a killed run makes when run again."""

import asyncio
import json
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from tests.pipeline import runs
from tests.pipeline.runs import exports, kept, made, rows, tdscaling

from tdscaling.config.load import load
from tdscaling.config.mixture import Mixture
from tdscaling.config.run import RunConfig
from tdscaling.errors import ConfigError
from tdscaling.evolution import Told
from tdscaling.measurement import measure
from tdscaling.pipeline import synthesize
from tdscaling.pipeline.code_tasks import CodeTargets, is_code
from tdscaling.pipeline.mixture import GIVE_UP, Mixer, Share, apportioned, mixer
from tdscaling.store import read_run
from tdscaling.types import Cluster, Descriptor, Mode, Target

CONFIG = """\
trajectories: {wanted}
seed: 5
mixture: {{business: 0, code: 1}}
code_tasks: {{kinds: [sql, analysis, repair, implement], paths: [own.jsonl]}}
environment: {{slots: 2}}
batch: 4
export: [trl]
"""
OWN = {
    "prompt": "double.py must give twice its number; the test shows that it does not. Please mend it.",
    "files": {
        "double.py": "def double(n):\n    return n\n",
        "test.py": "from double import double\nassert double(2) == 4\n",
    },
    "outputs": ["double.py"],
    "test_command": "python test.py",
    "solution": {"double.py": "def double(n):\n    return 2 * n\n"},
}


def setup(folder: Path, wanted: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.jsonl").write_text(json.dumps(OWN) + "\nrubbish\n")
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(wanted=wanted))
    return path


@pytest.mark.sandbox
@pytest.mark.requirement("code_tasks.no_sources", "code_tasks.resume", "code_tasks.provenance", "code_tasks.given")
def test_code_tasks_alone_need_no_source_and_come_out_the_same_after_a_kill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = 7
    path = setup(tmp_path / "one", wanted)
    whole = tdscaling(capsys, "synthesize", path, "-o", tmp_path / "whole", "--json")
    assert whole.code == 0, whole.err
    assert "line 2: it is no JSON" in whole.err
    assert json.loads(whole.out)["mixture"] == {"code": wanted}
    assert measure(tmp_path / "whole").summary.mixture == {"code": wanted}

    class KilledError(Exception):
        pass

    def dies(stage: str, done: int, of: int) -> None:
        if stage == "episodes" and done == 3:
            raise KilledError

    config, base = load(path, RunConfig), path.parent
    with pytest.raises(KilledError):
        asyncio.run(synthesize(config, tmp_path / "killed", base, report=dies))
    assert 0 < kept(tmp_path / "killed") < wanted
    asyncio.run(synthesize(config, tmp_path / "killed", base))
    assert exports(tmp_path / "killed") == exports(tmp_path / "whole")
    assert made(tmp_path / "killed") == made(tmp_path / "whole")

    kinds: Counter[str] = Counter()
    with read_run(tmp_path / "whole") as run:
        for trajectory in run.iter_trajectories():
            assert trajectory.provenance["part"] == "code"
            told = trajectory.provenance["code_task"]
            assert isinstance(told, dict)
            assert isinstance(told["seed"], int)
            kinds[str(told["kind"])] += 1
            names = [check.name for check in trajectory.verdict.checks]
            assert "hidden_tests" in names
            assert "replay" in names
            assert trajectory.dialogue.messages[0].role == "system"
            assert len([1 for _ in trajectory.dialogue.calls()]) >= 2
    assert kinds["given"] == 1
    assert len(kinds) == 5
    assert {row[0] for row in rows(tmp_path / "whole", "SELECT kind FROM items")} == {"code"}


@pytest.mark.sandbox
@pytest.mark.requirement("code_tasks.mixture")
def test_tools_of_which_none_works_leave_a_mixture_its_code_tasks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "mixture: {business: 0.5, code: 0.5}\ncode_tasks: {kinds: [implement]}\n"
    path = runs.setup(tmp_path, "closed", wanted=2, more=more)
    ended = tdscaling(capsys, "synthesize", path, "-o", tmp_path / "run", "--json")
    assert ended.code == 0, ended.err
    assert "no cluster of tools worked in exploration (of server 'shop' " in ended.err
    assert ": code tasks alone are made" in ended.err
    assert json.loads(ended.out)["mixture"] == {"code": 2}
    alone = tdscaling(capsys, "synthesize", path, "-o", tmp_path / "no", "--set", "mixture.code=0")
    assert (alone.code, len(alone.errors)) == (2, 1)
    assert alone.errors[0].startswith("tdscaling: no cluster of tools worked in exploration (of server 'shop' ")
    assert ", …): nothing to make episodes from" in alone.errors[0]


@pytest.mark.sandbox
@pytest.mark.requirement("code_tasks.sql")
def test_a_database_of_ones_own_is_asked_about_and_a_bad_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = setup(tmp_path, 3)
    db = sqlite3.connect(tmp_path / "zoo.db")
    db.executescript(
        "CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT, class TEXT, weight INTEGER);"
        + "".join(f"INSERT INTO animals VALUES ({n}, 'Nr. {n}', 'class {n % 3}', {n * 7 % 50});" for n in range(40))
    )
    db.close()
    (tmp_path / "no.db").write_text("hello")
    ended = tdscaling(
        capsys, "synthesize", path, "-o", tmp_path / "run", "--set", "code_tasks.kinds=[sql]", "--set",
        "code_tasks.databases=[zoo.db, no.db, gone.db]", "--set", "code_tasks.paths=[]",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "no.db is no SQLite database" in ended.err
    assert "gone.db can't be read" in ended.err
    told = [str(row[0]) for row in rows(tmp_path / "run", "SELECT target FROM items")]
    assert all('"code:sql"' in text for text in told)
    with read_run(tmp_path / "run") as run:
        texts = ["".join(m.content for m in t.dialogue.messages) for t in run.iter_trajectories()]
    assert any("zoo.db" in text for text in texts)


def _target(name: str, seed: int, mode: Mode = "direct") -> Target:
    return Target(cluster=name, domain="d", mode=mode, band=0, seed=seed)


WHERE = Descriptor(domain="d", modes=(), primary_mode="none", cac=1, band=0, calls=1, turns=1, servers=())


def _share(name: str, weight: float) -> Share:
    cluster, mode = ("code:sql", "direct") if name == "code" else ("shop", name)
    used: Mode = "computational" if mode == "computational" else "direct"
    return Share(name, weight, lambda count: [_target(cluster, n, used) for n in range(count)], lambda *_: None)


def run(parts: Mixer, rates: dict[str, int]) -> Counter[str]:
    """What is kept when of each part every n-th target is."""
    found: Counter[str] = Counter()
    told: Counter[str] = Counter()
    while sum(found.values()) < parts.total and (targets := parts.ask(24)):
        for target in targets:
            name = "code" if is_code(target) else "computational" if target.mode == "computational" else "business"
            told[name] += 1
            good = bool(rates[name]) and told[name] % rates[name] == 0
            found[name] += good
            parts.tell(target, Told(kept=good, descriptor=WHERE if good else None))
            if sum(found.values()) == parts.total:
                return found
    return found


@pytest.mark.requirement("code_tasks.mixture")
def test_the_shares_come_out_exactly_whatever_fails() -> None:
    shares = [_share("business", 0.6), _share("computational", 0.2), _share("code", 0.2)]
    assert run(Mixer(shares, 100), {"business": 4, "computational": 9, "code": 1}) == {
        "business": 60, "computational": 20, "code": 20,
    }  # fmt: skip


@pytest.mark.requirement("code_tasks.mixture")
def test_a_part_that_can_not_be_made_gives_its_share_to_the_others() -> None:
    shares = [_share("business", 0.6), _share("computational", 0.2), _share("code", 0.2)]
    found = run(Mixer(shares, 40), {"business": 2, "computational": 0, "code": 1})
    assert found == {"business": 30, "code": 10, "computational": 0}
    assert shares[1].told <= GIVE_UP + 24


@pytest.mark.requirement("code_tasks.mixture")
def test_own_tasks_come_once_each_and_the_kinds_take_turns() -> None:
    targets = CodeTargets(("sql", "repair"), 3, given=2).ask(12)
    names = [target.cluster for target in targets]
    assert names.count("code:given") == 2
    assert abs(names.count("code:sql") - names.count("code:repair")) <= 1
    assert len({(target.cluster, target.seed) for target in targets}) == 12
    only = CodeTargets((), 3, given=2)
    assert len(only.ask(10)) == 2
    assert only.ask(10) == []


@pytest.mark.requirement("code_tasks.mixture")
def test_the_default_is_business_alone_and_what_is_not_there_is_no_part() -> None:
    key = Cluster(id="c", name="c", domain="d", kind="service", tools=(), edges=(), order=())
    modes: list[Mode] = ["direct", "computational"]
    code = CodeTargets(("sql",), 1)

    def parts(shares: Mixture, modes: list[Mode], code: CodeTargets | None) -> list[str]:
        config = RunConfig(sources=("tools.jsonl",), trajectories=10, mixture=shares)
        return [share.name for share in mixer(config, [key], modes, code).shares]

    assert parts(Mixture(), modes, code) == ["business"]
    all_three = Mixture(business=0.6, computational=0.2, code=0.2)
    assert parts(all_three, modes, code) == ["business", "computational", "code"]
    assert parts(all_three, ["direct"], None) == ["business"]
    assert apportioned({"business": 1.0}, 7) == {"business": 7}


@pytest.mark.requirement("code_tasks.no_sources", "config.types")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: []", "sources: name at least one"),
        ("mixture: {business: 0, computational: 0, code: 0}", "one of the shares"),
        ("mixture: {business: 0, code: 1, codes: 2}", "did you mean 'code'"),
        ("mixture: {business: 0, code: 1}\ncode_tasks: {kinds: [sqll]}", "code_tasks.kinds"),
    ],
)
def test_a_wrong_mixture_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        load(path, RunConfig)

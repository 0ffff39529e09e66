"""Which back end is taken, and when code is refused."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tdscaling.config.sandbox import SandboxSettings
from tdscaling.errors import SandboxError
from tdscaling.sandbox.probe import Canary, canary, probe
from tdscaling.sandbox.protocol import CodeResult, Sandbox
from tdscaling.sandbox.survey import STRONGER, survey
from tdscaling.sandbox.tiers import Backend, Strength, choose
from tdscaling.types import JsonObject


def never() -> Sandbox:
    raise SandboxError("it must not be made")


def machine(**troubles: str) -> dict[str, Backend]:
    """Back ends that work unless a trouble is named."""
    strengths: Mapping[str, Strength] = {
        "bwrap": "shell", "wasi": "python", "monty": "python", "docker": "shell", "runsc": "strong", "remote": "strong",
    }  # fmt: skip
    return {
        name: Backend(name, strength, never, lambda name=name: troubles.get(name, ""))
        for name, strength in strengths.items()
    }


@pytest.mark.requirement("sandbox.tiers")
@pytest.mark.parametrize(
    ("settings", "troubles", "taken"),
    [
        ({}, {}, "bwrap"),
        ({}, {"bwrap": "no user namespaces"}, "wasi"),
        ({}, {"bwrap": "no user namespaces", "wasi": "not installed"}, "monty"),
        ({}, {"bwrap": "no user namespaces", "wasi": "not installed", "monty": "not installed"}, None),
        ({"require": "strong"}, {"runsc": "no engine", "remote": ""}, None),
        ({"backend": "remote", "require": "strong"}, {}, "remote"),
        ({"require": "shell"}, {"bwrap": "no user namespaces"}, None),
        ({"require": "strong"}, {}, "runsc"),
        ({"require": "strong"}, {"runsc": "no engine"}, None),
        ({"backend": "docker"}, {}, "docker"),
        ({"backend": "docker"}, {"docker": "no engine"}, None),
        ({"backend": "docker", "require": "strong"}, {}, None),
        ({"backend": "monty", "require": "shell"}, {}, None),
    ],
)
def test_the_first_back_end_that_works_and_is_strong_enough_is_taken(
    settings: dict[str, str], troubles: dict[str, str], taken: str | None
) -> None:
    choice = choose(SandboxSettings.model_validate(settings), machine(**troubles))
    assert choice.backend == taken
    assert all(trouble in choice.reason for name, trouble in troubles.items() if name in ("bwrap", choice.backend))


@pytest.mark.requirement("sandbox.doctor")
def test_a_survey_tries_every_back_end_and_advises_a_stronger_one(tmp_path: Path) -> None:
    found = survey(SandboxSettings(packages=tmp_path), machine(runsc="no engine", remote="no key"))
    assert [(finding.name, finding.usable) for finding in found.findings] == [
        ("bwrap", True),
        ("wasi", True),
        ("monty", True),
        ("docker", True),
        ("runsc", False),
        ("remote", False),
    ]
    assert found.advice == (STRONGER,)


@pytest.mark.requirement("sandbox.doctor")
@pytest.mark.parametrize(
    ("path", "value", "advice"),
    [
        ("proc/sys/kernel/unprivileged_userns_clone", "0\n", "kernel.unprivileged_userns_clone=1"),
        ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "AppArmor"),
        ("proc/sys/user/max_user_namespaces", "0\n", "max_user_namespaces"),
        (".dockerenv", "", "in a container"),
    ],
)
def test_the_advice_names_what_forbids_user_namespaces(tmp_path: Path, path: str, value: str, advice: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value, encoding="ascii")
    found = survey(SandboxSettings(), machine(bwrap="no user namespaces"), tmp_path)
    assert advice in found.advice[0]


class Scripted:
    """A session that answers as told: `network`, `forks` and the rest are what the canary will see."""

    name = "scripted"

    def __init__(self, **answers: str) -> None:
        self.answers = {"6 * 7": "42", "socket": "'refused'", "exists": "False", "fork": "31", **answers}
        self.opened = 0

    def open(self) -> "Scripted":
        self.opened += 1
        return self

    def run_python(self, code: str, timeout: float | None = None) -> CodeResult:
        value = next(answer for word, answer in self.answers.items() if word in code)
        return CodeResult(stdout="", stderr="", status=0, value=value)

    def run_shell(self, command: str, timeout: float | None = None) -> CodeResult:
        return CodeResult(stdout="", stderr="", status=int(self.answers.get("shell", "7")))

    def put(self, path: str, data: bytes) -> None: ...

    def remove(self, path: str) -> None: ...

    def export(self, path: str) -> bytes:
        return b""

    def provenance(self) -> JsonObject:
        return {}

    def close(self) -> None: ...


@pytest.mark.requirement("sandbox.canary")
@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({}, ""),
        ({"6 * 7": "None"}, "Python does not run"),
        ({"shell": "0"}, "the shell does not run"),
        ({"socket": "'open'"}, "the network is open"),
        ({"exists": "True"}, "the user's home can be read"),
        ({"fork": "400"}, "the process limit does not hold"),
    ],
)
def test_the_canary_fails_for_every_hole(answers: dict[str, str], reason: str) -> None:
    assert canary(Scripted(**answers), 32) == Canary(not reason, reason)


@pytest.mark.requirement("sandbox.canary")
def test_a_success_is_remembered_until_the_binary_or_the_kernel_changes_and_a_failure_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = Scripted(), Scripted(socket="'open'")
    for _ in range(2):
        assert probe(lambda: good, 32, "binary one", tmp_path).passed
        assert not probe(lambda: bad, 32, "binary two", tmp_path).passed
    assert (good.opened, bad.opened) == (1, 2)
    assert probe(lambda: good, 32, "binary three", tmp_path).passed
    assert good.opened == 2
    assert len(json.loads((tmp_path / "canaries.json").read_text(encoding="utf-8"))) == 2
    monkeypatch.setattr("platform.release", lambda: "another kernel")
    assert probe(lambda: good, 32, "binary one", tmp_path).passed
    assert good.opened == 3


@pytest.mark.requirement("sandbox.canary")
def test_a_damaged_cache_or_one_that_can_not_be_written_costs_only_a_canary(tmp_path: Path) -> None:
    (tmp_path / "canaries.json").write_text("[1", encoding="utf-8")
    assert probe(Scripted, 32, "x", tmp_path).passed
    assert probe(Scripted, 32, "x", Path("/proc/nowhere")).passed
    assert probe(never, 32, "y", tmp_path) == Canary(False, "it must not be made")

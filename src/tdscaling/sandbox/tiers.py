"""Which back end runs code on this machine, why, and what would be better. Nothing weaker is taken in silence."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from tdscaling.config.sandbox import SandboxSettings
from tdscaling.errors import SandboxError
from tdscaling.sandbox import degraded, monty, remote, wasi
from tdscaling.sandbox.bwrap import BwrapSandbox, binary, digest
from tdscaling.sandbox.degraded import DegradedSandbox
from tdscaling.sandbox.docker import DockerSandbox
from tdscaling.sandbox.monty import MontySandbox
from tdscaling.sandbox.packages import installed
from tdscaling.sandbox.pool import PooledSandbox
from tdscaling.sandbox.probe import probe
from tdscaling.sandbox.protocol import Sandbox
from tdscaling.sandbox.remote import RemoteSandbox
from tdscaling.sandbox.runsc import RunscSandbox
from tdscaling.sandbox.wasi import WasiSandbox

Strength = Literal["strong", "shell", "python", "degraded"]
RANK: Mapping[Strength, int] = {"degraded": 0, "python": 1, "shell": 2, "strong": 3}
AUTO = ("bwrap", "wasi", "monty")
"""The order of `auto`. Containers are used by name alone: they share the kernel as well and start slower; and so is
the remote service: what runs there leaves this machine; and the degraded one, which is weaker than all others."""
STRONG = ("runsc",)


Ways: TypeAlias = tuple[Callable[[], Sandbox], Callable[[], str]]
"""How to make a back end, and what says why it can't be used."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A back end: how strong it is (`python`: no shell; `degraded`: a shell, and less between it and the user than in
    any other), how to make it, and a check that says why it can't be used ("" when it can)."""

    name: str
    strength: Strength
    make: Callable[[], Sandbox]
    trouble: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One back end on this machine; `trouble` is empty when it works."""

    name: str
    strength: Strength
    trouble: str

    @property
    def usable(self) -> bool:
        return not self.trouble


@dataclass(frozen=True, slots=True)
class Choice:
    """The back end taken (None: refuse) with the reason, and what was found of all that were asked."""

    backend: str | None
    reason: str
    findings: tuple[Finding, ...]


def backends(settings: SandboxSettings, cache: Path | None = None) -> dict[str, Backend]:
    """Every back end by name."""
    limits = settings.limits
    runsc = _runsc(settings, cache) if shutil.which("runsc") else _container(settings, cache, "runsc")
    return {
        "bwrap": Backend("bwrap", "shell", *_bwrap(settings, cache)),
        "wasi": Backend("wasi", "python", lambda: WasiSandbox(limits, cache), lambda: wasi.trouble(limits, cache)),
        "monty": Backend("monty", "python", lambda: MontySandbox(limits), monty.missing),
        "docker": Backend("docker", "shell", *_container(settings, cache, None)),
        "runsc": Backend("runsc", "strong", *runsc),
        "remote": Backend("remote", "strong", lambda: _remote(settings), remote.missing),
        "degraded": Backend("degraded", "degraded", *_degraded(settings, cache)),
    }


def _bwrap(settings: SandboxSettings, cache: Path | None) -> Ways:
    def make() -> Sandbox:
        return BwrapSandbox(settings.limits, installed(settings.packages), in_scope=settings.scope)

    def trouble() -> str:
        try:
            key = f"{binary()} {digest(binary())}"
        except SandboxError as exc:
            return str(exc)
        return probe(make, settings.limits.processes, key, cache).reason

    return make, trouble


def _container(settings: SandboxSettings, cache: Path | None, runtime: str | None) -> Ways:
    limits = settings.limits

    def make() -> Sandbox:
        return DockerSandbox(limits, settings.image, runtime=runtime)

    def trouble() -> str:
        if shutil.which("docker") is None:
            return "docker is not installed"
        sandbox = DockerSandbox(limits, settings.image, runtime=runtime)
        try:
            version = sandbox.version()
        except SandboxError as exc:
            return str(exc)
        finally:
            sandbox.close()
        return probe(make, limits.processes + 8, f"{runtime} {version} {settings.image}", cache).reason

    return make, trouble


def _runsc(settings: SandboxSettings, cache: Path | None) -> Ways:
    def make() -> Sandbox:
        return RunscSandbox(settings.limits, installed(settings.packages))

    def trouble() -> str:
        sandbox = RunscSandbox(settings.limits)
        try:
            key = f"runsc alone {sandbox.version()}"
        except SandboxError as exc:
            return str(exc)
        finally:
            sandbox.close()
        return probe(make, settings.limits.processes + 8, key, cache).reason

    return make, trouble


def _degraded(settings: SandboxSettings, cache: Path | None) -> Ways:
    def make() -> Sandbox:
        return DegradedSandbox(settings.limits, settings.degraded_folder, installed(settings.packages))

    def trouble() -> str:
        found = degraded.missing(settings.limits, settings.degraded_folder)
        key = f"degraded {degraded.landlock.version()} {settings.degraded_folder}"
        return found or probe(make, settings.limits.processes, key, cache).reason

    return make, trouble


def _remote(settings: SandboxSettings) -> Sandbox:
    return RemoteSandbox(settings.limits, settings.remote_url, settings.remote_template)


def choose(settings: SandboxSettings, known: Mapping[str, Backend]) -> Choice:
    """The first back end of the order that works and is strong enough; none, with the reason, otherwise."""
    findings: list[Finding] = []
    for name in _order(settings):
        backend = known[name]
        finding = Finding(name, backend.strength, _too_weak(backend, settings) or backend.trouble())
        findings.append(finding)
        if finding.usable:
            return Choice(name, _why(finding, findings), tuple(findings))
    reasons = "; ".join(f"{finding.name}: {finding.trouble}" for finding in findings)
    return Choice(None, f"no sandbox is strong enough here ({reasons})", tuple(findings))


def _order(settings: SandboxSettings) -> tuple[str, ...]:
    if settings.backend != "auto":
        return (settings.backend,)
    return STRONG if settings.require == "strong" else AUTO


def _too_weak(backend: Backend, settings: SandboxSettings) -> str:
    needed: Strength = "degraded" if settings.require == "any" else settings.require
    if RANK[backend.strength] >= RANK[needed]:
        return ""
    return f"it is {backend.strength} only, and the settings require {needed}"


def _why(taken: Finding, findings: list[Finding]) -> str:
    passed_over = [f"{finding.name}: {finding.trouble}" for finding in findings if not finding.usable]
    return "its canary passed" + (f"; passed over: {'; '.join(passed_over)}" if passed_over else "")


def open_sandbox(settings: SandboxSettings) -> Sandbox:
    """The sandbox of this machine, with its pool. Raises SandboxError, saying what to do, when none will do."""
    known = backends(settings)
    choice = choose(settings, known)
    if choice.backend is None:
        raise SandboxError(f"{choice.reason}; run `tdscaling doctor` to see what to do")
    sandbox = known[choice.backend].make()
    return PooledSandbox(sandbox, settings.pool) if settings.pool else sandbox

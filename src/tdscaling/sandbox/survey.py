"""What `tdscaling doctor` says of the sandbox: the back end taken, the others, and how to get a better one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tdscaling.config.sandbox import SandboxSettings
from tdscaling.sandbox.packages import installed
from tdscaling.sandbox.tiers import Backend, Choice, Finding, choose

BLOCKERS: tuple[tuple[str, str, str], ...] = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "allow it: sysctl -w kernel.unprivileged_userns_clone=1"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor forbids user namespaces: give bwrap a profile that has `userns,`, or install the system's bubblewrap",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "allow user namespaces: sysctl -w user.max_user_namespaces=10000"),
)
"""Files that explain why bubblewrap can't make a user namespace, the value that does, and what to do."""
STRONGER = "for a kernel of its own: install docker with the runsc (gVisor) runtime and set `require: strong`"
IN_CONTAINER = "in a container: start it with a seccomp profile that allows user namespaces, or as a VM"
BUILD_PACKAGES = "numpy and pandas are missing in the code tool: run `tdscaling sandbox packages`"


@dataclass(frozen=True, slots=True)
class Survey:
    """All back ends on this machine, the choice of the settings, and advice, most useful first."""

    choice: Choice
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]


def survey(settings: SandboxSettings, known: Mapping[str, Backend], root: Path = Path("/")) -> Survey:
    """Tries every back end, also those the settings would not take. `root` is where the machine's files are."""
    choice = choose(settings, known)
    tried = {finding.name: finding for finding in choice.findings if not finding.trouble.startswith("it is")}
    findings = tuple(
        tried.get(name) or Finding(name, backend.strength, backend.trouble()) for name, backend in known.items()
    )
    return Survey(choice, findings, tuple(_advice(settings, findings, root)))


def _advice(settings: SandboxSettings, findings: tuple[Finding, ...], root: Path) -> list[str]:
    usable = {finding.name for finding in findings if finding.usable}
    advice: list[str] = []
    if "bwrap" not in usable:
        advice += [text for path, value, text in BLOCKERS if _holds(root / path.lstrip("/"), value)]
        advice += [IN_CONTAINER] if (root / ".dockerenv").exists() else []
    elif installed(settings.packages) is None:
        advice.append(BUILD_PACKAGES)
    if not any(finding.usable and finding.strength == "strong" for finding in findings):
        advice.append(STRONGER)
    return advice


def _holds(path: Path, value: str) -> bool:
    return path.is_file() and path.read_text(encoding="ascii").strip() == value

"""Live stdio servers in the sandbox: a read-only system, their workspace, and no network unless granted."""

import re
import subprocess
from pathlib import Path

from tdscaling.catalog.mcp import Launch, Launcher, ServerSpec, direct_launch
from tdscaling.catalog.mcp.launch import filled
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.errors import ConfigError, SandboxError, ServerError
from tdscaling.sandbox import wrap
from tdscaling.sandbox.launcher import HOME
from tdscaling.scratch import scratch
from tdscaling.values.workspace import WORKSPACE

PROBE_SECONDS = 20.0
NO_NETWORK = re.compile(
    r"no answer within|name resolution|getaddrinfo|\bENOTFOUND\b|EAI_AGAIN|unreachable|urlopen|fetch failed|\bdns\b|"
    r"connect(?:ion)? error|failed to connect",
    re.IGNORECASE,
)
"""How servers say that they have no network, those also that only wait for it."""
NO_FILE = re.compile(
    r"no such file|no module named|cannot find|can't (?:open|chdir)|ENOENT|EACCES|permission denied|not found",
    re.IGNORECASE,
)


def confined_launcher(settings: EnvironmentSettings) -> tuple[Launcher | None, str]:
    """The launcher for live servers, and a line for the user where they run unconfined (None: run them as they are).

    Raises ConfigError where `confine` is "require" and this machine can't.
    """
    if settings.confine == "off":
        return None, "live servers run unconfined: environment.confine is off"
    found = trouble()
    if not found:
        return Confined(settings), ""
    if settings.confine == "require":
        raise ConfigError(f"live servers can't be confined here: {found}; see tdscaling doctor")
    return None, f"live servers run unconfined: {found}; see tdscaling doctor"


class WhenStarted:
    """A launcher for sources among which may be a server or none: that servers can be confined here is seen as the
    first is started. `warning` is the line for the user, as of `confined_launcher`; "" until then, and where it works.

    Raises ConfigError as `confined_launcher` does, and ServerError as `Confined` does.
    """

    def __init__(self, settings: EnvironmentSettings) -> None:
        self._settings = settings
        self._found: tuple[Launcher | None, str] | None = None

    @property
    def warning(self) -> str:
        return self._found[1] if self._found else ""

    def decided(self) -> Launcher | None:
        """The launcher that confines; None where servers run as they are."""
        self._found = self._found or confined_launcher(self._settings)
        return self._found[0]

    def __call__(self, spec: ServerSpec, workspace: Path, home: Path) -> Launch:
        return (self.decided() or direct_launch)(spec, workspace, home)


class Confined:
    """A launcher that shows a server its workspace as `/workspace` and nothing else to write to.

    Raises ServerError where a server's command can't be run so.
    """

    def __init__(self, settings: EnvironmentSettings) -> None:
        self._settings = settings

    def __call__(self, spec: ServerSpec, workspace: Path, home: Path) -> Launch:
        env = {"TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"}
        env |= {name: filled(value, WORKSPACE) for name, value in spec.env.items()}
        try:
            argv, inner = wrap(
                (spec.command, *(filled(arg, WORKSPACE) for arg in spec.args)),
                env,
                workspace=workspace,
                inside=WORKSPACE,
                home=home,
                network=spec.name in self._settings.network,
                read_paths=[Path(path) for path in self._settings.read_paths.get(spec.name, ())],
                write_paths=[Path(path) for path in self._settings.write_paths.get(spec.name, ())],
                cwd=filled(spec.cwd, WORKSPACE) if spec.cwd else None,
            )
        except SandboxError as exc:
            raise ServerError(f"server {spec.name!r} did not start: {exc}") from None
        granted = spec.name in self._settings.network
        return Launch(
            argv=tuple(argv),
            env=inner,
            cwd=workspace,
            workspace=WORKSPACE,
            home=HOME,
            advise=lambda reason: advice(reason, spec.name, networked=granted),
        )


def advice(reason: str, server: str, *, networked: bool) -> str:
    """What to add to the reason for which a confined server did not start.

    >>> advice("no module named x", "crm", networked=False)
    ' (it is confined: environment.read_paths={crm: [PATH]} would show it more)'
    """
    if NO_NETWORK.search(reason) and not networked:
        return f" (it is confined: environment.network=[{server}] would give it the network)"
    if NO_FILE.search(reason):
        return f" (it is confined: environment.read_paths={{{server}: [PATH]}} would show it more)"
    return ""


def trouble() -> str:
    """Why a confined process does not run here, found by running one; "" when it does."""
    with scratch() as folder:
        try:
            argv, env = wrap((str(Path("/bin/sh").resolve()), "-c", "echo fine > probe"), {}, workspace=folder)
            done = subprocess.run(argv, env=env, capture_output=True, timeout=PROBE_SECONDS, check=False)
        except (SandboxError, OSError, subprocess.TimeoutExpired) as exc:
            return " ".join(str(exc).split())
        if done.returncode or not (folder / "probe").exists():
            return " ".join(done.stderr.decode(errors="replace").split())[:200] or f"exit status {done.returncode}"
    return ""

"""Live sessions whose workspace holds a repository more than its world: planted before anything is called."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tdscaling.environments.code import WithCode
from tdscaling.environments.sharing import MAX_FILE, HasWorkspace
from tdscaling.errors import ServerError
from tdscaling.sandbox import Sandbox
from tdscaling.sandbox.inside.files import FileRefusedError, read, write
from tdscaling.scratch import scratch
from tdscaling.types import Environment, JsonObject, Session

_WHEN = "1767600000 +0000"
_KEPT = ("HEAD", "config", "index", "objects", "refs", "logs")


class PlantedEnvironment:
    """An Environment of live servers and the code tool, each session over a world with more files in it."""

    def __init__(self, live: Environment, sandbox: Sandbox, files: Mapping[str, bytes]) -> None:
        self._live = live
        self._files = dict(files)
        self._whole = WithCode(_Planting(live, self._files), sandbox)

    @property
    def worlds(self) -> int:
        return self._live.worlds

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Session]:
        """Raises ServerError where the workspace does not take the files."""
        async with self._whole.session(servers, world) as session:
            yield session

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return {**self._whole.provenance(servers, world), "planted": len(self._files)}


class _Planting:
    def __init__(self, live: Environment, files: Mapping[str, bytes]) -> None:
        self._live = live
        self._files = files

    @property
    def worlds(self) -> int:
        return self._live.worlds

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Session]:
        async with self._live.session(servers, world) as session:
            await asyncio.to_thread(self._plant, session)
            yield session

    def _plant(self, session: Session) -> None:
        if not isinstance(session, HasWorkspace) or session.workspace is None:
            raise ServerError("the servers have no workspace to put a repository into")
        try:
            for path, data in self._files.items():
                write(path, data, append=False, root=str(session.workspace))
        except FileRefusedError as exc:
            raise ServerError(f"the workspace does not take the repository: {exc}") from exc

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return self._live.provenance(servers, world)


def outputs_of(session: Session, paths: Sequence[str]) -> dict[str, bytes]:
    """Files of a session's workspace; one that is not there, or is no regular file, is left out."""
    found: dict[str, bytes] = {}
    if not isinstance(session, HasWorkspace) or session.workspace is None:
        return found
    for path in paths:
        try:
            found[path] = b"".join(read(path, MAX_FILE, str(session.workspace)))
        except FileRefusedError:
            continue
    return found


def committed(folder: str, versions: Sequence[tuple[str, Mapping[str, bytes]]]) -> dict[str, bytes]:
    """The files of a repository in `folder`, `.git` among them, with a commit for each message and its files (paths
    begin with the folder). Same arguments, same commits. Raises ServerError where git is missing or fails."""
    git = shutil.which("git")
    if git is None:
        raise ServerError("git is not installed")
    with scratch() as root:
        top = root / folder
        for number, (message, files) in enumerate(versions):
            for path, data in files.items():
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            begin = [["init", "-q", "-b", "main"]] if number == 0 else []
            for line in (*begin, ["add", "-A"], ["commit", "-q", "-m", message]):
                _git(git, line, top, root)
        kept = [path for name in _KEPT for path in [top / ".git" / name, *(top / ".git" / name).rglob("*")]]
        inside = {path for path in kept if path.is_file()} | {p for p in top.iterdir() if p.is_file()}
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(inside)}


def _git(git: str, arguments: Sequence[str], folder: Path, home: Path) -> None:
    who = {f"GIT_{role}_NAME": "Repository Owner" for role in ("AUTHOR", "COMMITTER")}
    mail = {f"GIT_{role}_EMAIL": "owner@example.com" for role in ("AUTHOR", "COMMITTER")}
    when = {f"GIT_{role}_DATE": _WHEN for role in ("AUTHOR", "COMMITTER")}
    plain = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C"}
    environment = {**plain, **who, **mail, **when}
    done = subprocess.run([git, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"git {arguments[0]} failed: {(done.stderr.strip().splitlines() or ['no output'])[-1]}")

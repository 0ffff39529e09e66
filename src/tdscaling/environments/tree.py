"""Making a folder equal to a template, exactly and fast, whoever may be at work in it meanwhile."""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tdscaling.environments.beneath import Beneath, FileRefusedError, TooMuchError
from tdscaling.sandbox.inside.kernel import open_beneath
from tdscaling.scratch import discard_in

RACY_NS = 100_000_000
"""A file changed this shortly before it was looked at may change again without its time showing it."""
CHUNK = 1 << 20


class Signature(NamedTuple):
    """What tells an untouched file: `ctime` can't be set by the server, so a restored `mtime` doesn't deceive."""

    inode: int
    mode: int
    size: int
    mtime: int
    ctime: int

    def settled(self, seen: int) -> bool:
        """Whether a later change would show, `seen` being the time in ns the signature was taken."""
        return self.ctime < seen - RACY_NS


def signature(status: os.stat_result) -> Signature:
    return Signature(status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def empty(folder: Path) -> None:
    """Removes all that is in a folder, which stays itself: a process may be at home in it. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for name in sorted(os.listdir(fd)):  # noqa: PTH208
            discard_in(fd, name)
    finally:
        os.close(fd)


class Mirror:
    """A workspace that can be made equal to a template again and again.

    `reset` copies what was touched since the last one, judged by signatures, and by content where these can't tell.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._template: Path | None = None
        self._clean: dict[str, Signature] = {}
        self._seen = 0

    def reset(self, template: Path) -> int:
        """Makes the folder equal to `template`: content, modes, links and times. Returns entries restored.

        Raises OSError, FileRefusedError or TooMuchError where the template or the folder does not allow it.
        """
        if self._template != template:
            self.wipe()
            self._template = template
        with Beneath(template) as source:
            wanted = dict(source.entries())
        with Beneath(self.folder) as place:
            try:
                here = dict(place.entries(unlock=True))
            except TooMuchError:
                empty(self.folder)
                here = {}
            restored = _remove_foreign(place, here, wanted)
            for path, status in wanted.items():
                now = here.get(path)
                if now is None or not self._same(place, path, now, status):
                    _restore(place, template, path, status, made=now is None)
                    restored += 1
            if restored:
                _restore_folder_times(place, wanted)
                here = dict(place.entries())
        self._clean = {path: signature(status) for path, status in here.items()}
        self._seen = time.time_ns()
        return restored

    def wipe(self) -> None:
        """Empties the folder, whatever modes were set in it."""
        self._clean, self._template = {}, None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        empty(self.folder)

    def _same(self, place: Beneath, path: str, now: os.stat_result, wanted: os.stat_result) -> bool:
        if stat.S_ISDIR(wanted.st_mode):
            return now.st_mode == wanted.st_mode and now.st_mtime_ns == wanted.st_mtime_ns
        known = self._clean.get(path)
        if known is None or known != signature(now):
            return False
        if known.settled(self._seen) or not stat.S_ISREG(wanted.st_mode):
            return True
        assert self._template is not None
        return _equal(place, self._template, path, wanted.st_size)


def _equal(place: Beneath, template: Path, path: str, size: int) -> bool:
    try:
        with (template / path).open("rb") as source:
            for chunk in place.chunks(path, size):
                if source.read(len(chunk)) != chunk:
                    return False
            return not source.read(1)
    except FileRefusedError:
        return False


def _remove_foreign(place: Beneath, here: dict[str, os.stat_result], wanted: dict[str, os.stat_result]) -> int:
    """Removes what the template has not, or not of this kind, from the folder and from `here`. Returns how much."""
    foreign = [path for path, status in here.items() if not _kept(status, wanted.get(path))]
    removed = ""
    for path in foreign:
        del here[path]
        if removed and path.startswith(f"{removed}/"):
            continue
        removed = path
        with suppress(FileNotFoundError), place.above(path) as (folder, name):
            discard_in(folder, name)
    return len(foreign)


def _restore(place: Beneath, template: Path, path: str, wanted: os.stat_result, *, made: bool) -> None:
    """`made`: nothing is there yet. In a folder that a template locks, restoring comes before its mode does."""
    mode = stat.S_IMODE(wanted.st_mode)
    with place.above(path) as (folder, name):
        if stat.S_ISDIR(wanted.st_mode):
            if made:
                os.mkdir(name, 0o700, dir_fd=folder)
            with place.held(path) as held:
                os.chmod(held, mode | 0o700)  # noqa: PTH101
            return
        discard_in(folder, name)
        times = (wanted.st_mtime_ns, wanted.st_mtime_ns)
        if stat.S_ISLNK(wanted.st_mode):
            os.symlink((template / path).readlink(), name, dir_fd=folder)
            os.utime(name, ns=times, dir_fd=folder, follow_symlinks=False)
        elif stat.S_ISREG(wanted.st_mode):
            _copied(
                template / path, open_beneath(folder, name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), mode, times
            )


def _copied(source: Path, fd: int, mode: int, times: tuple[int, int]) -> None:
    with source.open("rb") as read, os.fdopen(fd, "wb") as write:
        while chunk := read.read(CHUNK):
            write.write(chunk)
        write.flush()
        os.fchmod(fd, mode)
        os.utime(fd, ns=times)


def _restore_folder_times(place: Beneath, wanted: dict[str, os.stat_result]) -> None:
    for path, status in reversed(wanted.items()):
        if stat.S_ISDIR(status.st_mode):
            with place.held(path) as held:
                os.utime(held, ns=(status.st_mtime_ns, status.st_mtime_ns))
                os.chmod(held, stat.S_IMODE(status.st_mode))  # noqa: PTH101


def _kept(status: os.stat_result, target: os.stat_result | None) -> bool:
    return target is not None and stat.S_IFMT(target.st_mode) == stat.S_IFMT(status.st_mode)

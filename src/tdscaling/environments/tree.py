"""Making a folder equal to a template, exactly and fast."""

import filecmp
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

RACY_NS = 100_000_000
"""A file changed this shortly before it was looked at may change again without its time showing it."""


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


def entries(folder: str, prefix: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Every entry below `folder`, parents first: relative path and lstat. Links aren't followed."""
    with os.scandir(folder) as found:
        items = sorted(found, key=lambda item: item.name)
    for item in items:
        path = f"{prefix}{item.name}"
        status = item.stat(follow_symlinks=False)
        yield path, status
        if stat.S_ISDIR(status.st_mode):
            yield from entries(item.path, f"{path}/")


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
        """Makes the folder equal to `template`: content, modes, links and times. Returns entries restored."""
        if self._template != template:
            self.wipe()
            self._template = template
        here = dict(entries(str(self.folder)))
        wanted = dict(entries(str(template)))
        restored = self._remove_foreign(here, wanted)
        for path, status in wanted.items():
            now = here.get(path)
            if now is None or not self._same(path, now, status):
                self._restore(path, status, now)
                restored += 1
        if restored:
            self._restore_folder_times(wanted)
            here = dict(entries(str(self.folder)))
        self._clean = {path: signature(status) for path, status in here.items()}
        self._seen = time.time_ns()
        return restored

    def wipe(self) -> None:
        """Empties the folder, whatever modes were set in it. It stays itself: a process may be at home in it."""
        self._clean, self._template = {}, None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        for path in sorted(self.folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                _remove(path)
            else:
                path.unlink()

    def _remove_foreign(self, here: dict[str, os.stat_result], wanted: dict[str, os.stat_result]) -> int:
        foreign = [path for path, status in here.items() if not _kept(status, wanted.get(path))]
        for path in foreign:
            place = self.folder / path
            if not os.path.lexists(place):
                continue
            if stat.S_ISDIR(here[path].st_mode):
                _remove(place)
            else:
                place.unlink()
        for path in [path for path in here if not os.path.lexists(self.folder / path)]:
            del here[path]
        return len(foreign)

    def _same(self, path: str, now: os.stat_result, wanted: os.stat_result) -> bool:
        if stat.S_ISDIR(wanted.st_mode):
            return now.st_mode == wanted.st_mode and now.st_mtime_ns == wanted.st_mtime_ns
        known = self._clean.get(path)
        if known is None or known != signature(now):
            return False
        if known.settled(self._seen) or not stat.S_ISREG(wanted.st_mode):
            return True
        assert self._template is not None
        return filecmp.cmp(self.folder / path, self._template / path, shallow=False)

    def _restore(self, path: str, wanted: os.stat_result, now: os.stat_result | None) -> None:
        assert self._template is not None
        source, target = self._template / path, self.folder / path
        if stat.S_ISDIR(wanted.st_mode):
            if now is None:
                target.mkdir()
            target.chmod(stat.S_IMODE(wanted.st_mode) | 0o700)
        elif stat.S_ISLNK(wanted.st_mode):
            target.unlink(missing_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
        elif stat.S_ISREG(wanted.st_mode):
            target.unlink(missing_ok=True)
            shutil.copy2(source, target)

    def _restore_folder_times(self, wanted: dict[str, os.stat_result]) -> None:
        for path, status in reversed(wanted.items()):
            if stat.S_ISDIR(status.st_mode):
                place = self.folder / path
                os.utime(place, ns=(status.st_mtime_ns, status.st_mtime_ns))
                place.chmod(stat.S_IMODE(status.st_mode))


def _kept(status: os.stat_result, target: os.stat_result | None) -> bool:
    return target is not None and stat.S_IFMT(target.st_mode) == stat.S_IFMT(status.st_mode)


def _remove(folder: Path) -> None:
    """Removes a folder and all below it, unlocking folders whose modes forbid it."""
    try:
        shutil.rmtree(folder)
    except PermissionError:
        for path, _, _ in os.walk(folder):
            os.chmod(path, 0o700)  # noqa: PTH101
        shutil.rmtree(folder)

"""A file of a run folder that is written for hours: whether it is still where it was opened."""

from pathlib import Path

from tdscaling.errors import StoreError


class Standing:
    """A file that is open, known by its inode: SQLite would write on into one that was taken away."""

    def __init__(self, folder: Path, file: str) -> None:
        self._folder = folder
        self._path = folder / file
        self._inode = self._path.stat().st_ino

    def check(self) -> None:
        """Raises StoreError unless this very file stands where it stood."""
        try:
            there = self._path.stat().st_ino == self._inode
        except (FileNotFoundError, NotADirectoryError):
            there = False
        if not there:
            raise StoreError(
                f"{self._folder} was taken away while it ran: put it back and run the same command again, or begin anew"
            )

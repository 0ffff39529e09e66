"""The report's files in the folder of an experiment."""

from collections.abc import Sequence
from pathlib import Path

from tdscaling.export.writers import write_text
from tdscaling.scaling.document import html, markdown, pictures
from tdscaling.scaling.findings import TITLE, Findings, sections, verdict
from tdscaling.scaling.results import Result


def write_report(results: Sequence[Result], folder: Path) -> tuple[str, ...]:
    """Writes report.md, report.html and the pictures; the sentences of the verdict. Raises ConfigError without the
    package that draws, DataError for want of room."""
    found = sections(results)
    for picture in pictures(found):
        write_text(folder / picture.file, picture.svg)
    write_text(folder / "report.md", markdown(TITLE, found))
    write_text(folder / "report.html", html(TITLE, found))
    return tuple(verdict(Findings(results)))

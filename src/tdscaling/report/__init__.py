"""`report`: runs and data sets side by side in one HTML file that needs no network."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tdscaling.export.writers import write_text
from tdscaling.report.drawing import renderer
from tdscaling.report.gathering import Evaluation, Gathered, gather
from tdscaling.report.page import page

__all__ = ["Evaluation", "Gathered", "gather", "page", "write_report"]


def write_report(
    paths: Sequence[Path],
    output: Path,
    *,
    domains: int | None = None,
    processes: int | None = 1,
    on_row: Callable[[], None] | None = None,
    evaluations: Sequence[Evaluation] = (),
) -> tuple[Gathered, ...]:
    """Writes the report on `paths` and gives what it says. The same files give the same bytes.

    `evaluations` are shown below the scorecard; `domains` and `processes` as for `measure`. Raises ConfigError where
    the package that draws is missing, and what `measure` raises.
    """
    renderer()
    found = tuple(gather(path, domains=domains, processes=processes, on_row=on_row) for path in paths)
    write_text(output, page(found, evaluations))
    return found

"""`tdscaling report`: runs and data sets side by side in one HTML file."""

from pathlib import Path

import click

from tdscaling.cli.outputs import refuse_loss
from tdscaling.cli.rows import rows_read
from tdscaling.errors import ConfigError
from tdscaling.evals import Outcome, read_outcome
from tdscaling.export.parts import SUFFIXES
from tdscaling.replacing import replaceable
from tdscaling.report import Evaluation, write_report


@click.command(short_help="Write one HTML file that shows how diverse runs and data sets are.")
@click.argument("sources", metavar="RUN|DATASET...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default="report.html", show_default=True, help="The HTML file."
)
@click.option(
    "--eval",
    "results",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A result of tdscaling eval to show, or a folder of them (repeat).",
)
@click.option(
    "--domains",
    type=click.IntRange(min=1),
    help="Domains in the catalogue; else those seen and those of a run's clusters.",
)
@click.option("--processes", type=click.IntRange(min=1), help="One for each processor, if not given and it pays.")
def command(
    sources: tuple[Path, ...], output: Path, results: tuple[Path, ...], domains: int | None, processes: int | None
) -> None:
    """Write a report on runs and data sets of any known form, side by side where there are several.

    One file that needs no network: scorecard, entropies over time, cells, modes, domains, complexity, twelve
    trajectories to step through; of a run also the keep funnel, cost per kept trajectory, clusters and how it was made.

    \b
    Example:
      tdscaling report runs/first
      tdscaling report runs/first others.jsonl -o compared.html
      tdscaling report runs/first --eval runs/eval/mine
    """
    files = [file for path in results for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    if results and not files:
        raise ConfigError(f"{results[0]} holds no result of tdscaling eval")
    refuse_loss(output, (*sources, *files), SUFFIXES)
    replaceable(output)
    evaluations = [_shown(read_outcome(file)) for file in files]
    with rows_read() as on_row:
        found = write_report(
            sources, output, domains=domains, processes=processes, on_row=on_row, evaluations=evaluations
        )
    for one in found:
        if one.measured.bad:
            first = one.measured.bad[0]
            click.echo(
                f"{one.name}: {len(one.measured.bad)} rows left out; row {first.number}: {first.reason}", err=True
            )
    click.echo(f"{output}: {', '.join(f'{one.name} ({one.measured.summary.n:,} trajectories)' for one in found)}")


def _shown(found: Outcome) -> Evaluation:
    scores = [(name, f"{value:.4f} of {found.tasks[name]:,} tasks") for name, value in found.scores.items()]
    by = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    rows = (*scores, *found.about.items(), ("endpoint", found.base_url), ("judged by", by))
    return Evaluation(name=f"{found.benchmark}: {found.model}", rows=rows)

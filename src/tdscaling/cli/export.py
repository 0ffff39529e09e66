"""`tdscaling export`: a run or a data set in the form a trainer reads."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path

import click

from tdscaling.cli.datasets import nothing_written, place_of, refuse_foreign_card, refuse_foreign_companion
from tdscaling.cli.outputs import refuse_loss
from tdscaling.errors import ConfigError
from tdscaling.export import (
    EXPORTERS,
    BadRow,
    Exporter,
    Record,
    Row,
    Written,
    exporter,
    pair_of,
    read_dataset,
    record_of,
    turns_of,
    write_dataset,
)
from tdscaling.export.card import card
from tdscaling.export.parts import SUFFIXES
from tdscaling.export.writers import write_companion, write_text
from tdscaling.store import RunReader, is_run, read_run

SHOWN = 5
"""Skipped rows named on the terminal; `--json` names all."""


@click.command(short_help="Write a run or a data set in the form a trainer reads.")
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option("--format", "format_name", help="One of --list.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A .jsonl or .parquet file, or a folder.")
@click.option("--include-rejected", is_flag=True, help="Also the trajectories of a run that failed a check.")
@click.option("--split-turns", is_flag=True, help="A row for each message that is trained, which ends with it.")
@click.option("--licence", default="other", show_default=True, help="Licence named in the data card.")
@click.option("--list", "show", is_flag=True, help="List the formats.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    source: Path | None,
    format_name: str | None,
    output: Path | None,
    include_rejected: bool,
    split_turns: bool,
    licence: str,
    show: bool,
    as_json: bool,
) -> None:
    """Write SOURCE, a run folder or a data set of any known form, in the form a trainer reads.

    Beside the data comes a card (README.md in a folder, NAME.md beside a file), for LLaMA-Factory also its
    dataset_info.json, for TRL a chat template that keeps the loss off marked messages.

    \b
    Example:
      tdscaling export RUN --format trl -o data/
      tdscaling export RUN --format openai -o train.parquet
      tdscaling export foreign.jsonl.gz --format sharegpt -o data/
    """
    if show:
        _list(as_json)
        return
    if source is None or format_name is None or output is None:
        raise ConfigError(
            "name a run or data set, a --format and an --output: tdscaling export RUN --format trl -o OUT"
        )
    chosen = exporter(format_name)
    place = place_of(output)
    if split_turns and chosen.shape == "pairs":
        raise ConfigError(f"{format_name} rows are pairs: --split-turns is for the other formats")
    if include_rejected and not is_run(source):
        raise ConfigError(f"{source} is no run folder: --include-rejected is for runs")
    refuse_loss(place.data, (source,), SUFFIXES)
    refuse_foreign_card(place)
    refuse_foreign_companion(place, chosen)
    unread: list[BadRow] = []
    with ExitStack() as stack:
        run = stack.enter_context(read_run(source)) if is_run(source) else None
        records: Iterator[Record | Row]
        records = _of_run(run, include_rejected, chosen) if run else _of_dataset(source, unread)
        if split_turns:
            records = chain.from_iterable(map(_turns, records))
        written = write_dataset(records, chosen, place.data, empty=False)
        text = card(
            name=place.name,
            format_name=format_name,
            file=place.data.name,
            statistics=written.statistics,
            skipped=written.skipped,
            funnel=run.funnel() if run else None,
            provenance=_provenance(source, run),
            licence=licence,
            rejected=include_rejected,
            of_run=run is not None,
        )
    if written.records:
        write_text(place.card, text)
        write_companion(chosen, place.data, place.name)
    _report(written, unread, as_json, of_run=run is not None)
    if not written.records:
        raise nothing_written(source, written, pairs=run is not None and chosen.shape == "pairs")


def _of_run(run: RunReader, include_rejected: bool, chosen: Exporter) -> Iterator[Record]:
    if chosen.shape == "pairs":
        return (pair_of(kept, miss) for kept, miss in run.iter_pairs())
    return map(record_of, run.iter_trajectories(None if include_rejected else True))


def _of_dataset(source: Path, unread: list[BadRow]) -> Iterator[Row]:
    for row in read_dataset(source):
        if isinstance(row, Row):
            yield row
        else:
            unread.append(row)


def _turns(one: Record | Row) -> Iterator[Record | Row]:
    if isinstance(one, Row):
        return (replace(one, record=turn) for turn in turns_of(one.record))
    return turns_of(one)


def _provenance(source: Path, run: RunReader | None) -> Mapping[str, str]:
    if run is None:
        return {"source": source.name}
    meta = run.meta()
    return {"run": source.resolve().name, "package": meta["package_version"], "config fingerprint": meta["fingerprint"]}


def _list(as_json: bool) -> None:
    if as_json:
        rows = {name: {"description": one.description, "kinds": one.kinds} for name, one in EXPORTERS.items()}
        click.echo(json.dumps(rows, indent=2))
        return
    for name, one in EXPORTERS.items():
        click.echo(f"{name:10} {one.description} ({', '.join(one.kinds)})")


def _report(written: Written, unread: list[BadRow], as_json: bool, *, of_run: bool) -> None:
    if as_json:
        problems = {"unread": unread, "skipped": written.skipped}
        rows = {kind: [bad.json() for bad in found] for kind, found in problems.items()}
        counts = {"records": written.records, "joined": written.statistics.joined}
        click.echo(json.dumps({"path": str(written.path), **counts, **rows}))
        return
    for what, found in (("could not be read", unread), ("can't be held by this format", written.skipped)):
        for bad in found[:SHOWN]:
            click.echo(bad.said(f" {what}", of_run=of_run), err=True)
        if len(found) > SHOWN:
            click.echo(f"and {len(found) - SHOWN} more {what}", err=True)
    if written.statistics.joined:
        click.echo(f"{written.statistics.joined} records had neighbouring messages of one side joined", err=True)
    click.echo(f"{written.records} records in {written.path}")

"""`tdscaling measure`: the diversity of a run or of any data set in numbers."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from tdscaling.cli.rows import rows_read
from tdscaling.cli.scorecard import side_by_side
from tdscaling.measurement import Measurement, measure
from tdscaling.metrics import Entropy, Summary
from tdscaling.types import BANDS, JsonValue

SHOWN = 10
"""Tools, bigrams and bad rows that the tables show; --json has all."""


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--domains",
    type=click.IntRange(min=1),
    help="Domains in the catalogue; else those seen and those of a run's clusters.",
)
@click.option(
    "--sandbox-tool",
    "sandbox_tools",
    multiple=True,
    metavar="NAME",
    help="A tool that runs the code it is given as code, command, cmd, script, source, program or commands (repeat).",
)
@click.option("--no-duplicates", is_flag=True, help="Don't compare rows: no near-duplicates, no spread.")
@click.option("--processes", type=click.IntRange(min=1), help="One for each processor, if not given and it pays.")
@click.option("--compare", type=click.Path(path_type=Path), metavar="OTHER", help="Show OTHER's figures beside.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    dataset: Path,
    domains: int | None,
    sandbox_tools: tuple[str, ...],
    no_duplicates: bool,
    processes: int | None,
    as_json: bool,
    compare: Path | None,
) -> None:
    """Measure DATASET: a run folder, or JSON Lines / Parquet with messages and tools.

    Bad rows are named by their number and left out of all figures; rows count through all files of a folder, and a file
    that can't be read is one of them.

    \b
    Example:
      tdscaling measure runs/first
      tdscaling measure others.jsonl --json
      tdscaling measure runs/first --compare others.jsonl
    """
    found: list[Measurement] = []
    for path in [dataset] if compare is None else [dataset, compare]:
        with rows_read() as on_row:
            one = measure(
                path,
                domains=domains,
                sandbox_tools=sandbox_tools,
                duplicates=not no_duplicates,
                processes=processes,
                on_row=on_row,
            )
        _warn(one)
        found.append(one)
    if as_json:
        values = [as_json_value(one) for one in found]
        click.echo(json.dumps(values[0] if compare is None else values, ensure_ascii=False, indent=2))
    elif compare is None:
        _show(found[0], Console())
    else:
        Console().print(side_by_side(found))


def _warn(found: Measurement) -> None:
    for row in found.bad[:SHOWN]:
        click.echo(f"row {row.number}: {row.reason}", err=True)
    if len(found.bad) > SHOWN:
        click.echo(f"and {len(found.bad) - SHOWN} more bad rows; --json names all", err=True)


def as_json_value(found: Measurement) -> dict[str, JsonValue]:
    """All of a measurement as JSON."""
    one = found.summary
    return {
        "source": found.source,
        "rows": found.rows,
        "measured": one.n,
        "bad_rows": [{"row": row.number, "reason": row.reason} for row in found.bad],
        "domains_derived": not found.planned_domains,
        "domain_entropy": _entropy(one.domain_entropy),
        "mode_entropy": _entropy(one.mode_entropy),
        "mode_bigram_entropy": _entropy(one.bigram_entropy),
        "none_share": one.none_share,
        "mixture": dict(one.mixture),
        "domains": dict(one.domains),
        "primary_modes": dict(one.primary_modes),
        "modes": dict(one.modes),
        "cac": {"mean": one.cac_mean} | {f"p{percent}": value for percent, value in one.cac.items()},
        "bands": dict(zip(BANDS, one.bands, strict=True)),
        "cells": [{**cell._asdict(), "count": count} for cell, count in one.cells.items()],
        "tools": dict(one.tools),
        "tool_bigrams": [{"first": a, "second": b, "count": count} for (a, b), count in one.tool_bigrams.items()],
        "servers": dict(one.servers),
        "messages": one.messages,
        "calls": one.calls,
        "turns": one.turns,
        "near_duplicates": None if found.spread is None else one.duplicates,
        "intervals_95": {name: list(interval) for name, interval in found.intervals.items()},
        "spread": None if found.spread is None else asdict(found.spread),
    }


def _entropy(value: Entropy) -> dict[str, JsonValue]:
    return {"raw": value.raw, "normalised": value.normalised, "effective": value.effective, "k": value.k}


def _show(found: Measurement, console: Console) -> None:
    one = found.summary
    console.print(side_by_side([found]))
    table = Table(Column("Entropy", no_wrap=True), "in nats", "95 %", "normalised", "effective", "of")
    for name, value, interval in (
        ("Domain Entropy", one.domain_entropy, found.intervals["domain_entropy"]),
        ("Reasoning Mode Entropy", one.mode_entropy, found.intervals["mode_entropy"]),
        ("Mode bigrams", one.bigram_entropy, None),
    ):
        between = "" if interval is None else f"{interval.low:.2f}-{interval.high:.2f}"
        row = (f"{value.raw:.4f}", between, f"{value.normalised:.4f}", f"{value.effective:.2f}", str(value.k))
        table.add_row(name, *row)
    console.print(table)
    console.print("Mixture: " + ", ".join(f"{part} {count / one.n:.1%}" for part, count in one.mixture.items()))
    console.print(_modes(one))
    console.print(_counts("Domain", list(one.domains.items()), one.n))
    console.print(_complexity(one))
    console.print(_counts("Band of complexity", list(zip(BANDS, one.bands, strict=True)), one.n))
    console.print(_counts("Tool", list(one.tools.items()), one.calls))
    pairs = [(f"{a} > {b}", count) for (a, b), count in one.tool_bigrams.items()]
    console.print(_counts("Tool bigram", pairs, sum(one.tool_bigrams.values())))
    console.print(
        f"{one.calls} calls of {len(one.tools)} tools on {len(one.servers)} servers, {one.turns} user turns, "
        f"{one.messages} messages"
    )


def _modes(one: Summary) -> Table:
    table = Table("Mode", "primary", "share", "occurs in")
    for mode in [*one.primary_modes, *(mode for mode in one.modes if mode not in one.primary_modes)]:
        count = one.primary_modes.get(mode, 0)
        table.add_row(mode, str(count), f"{count / one.n:.1%}", str(one.modes.get(mode, "")))
    return table


def _complexity(one: Summary) -> Table:
    table = Table(*(f"p{percent}" for percent in one.cac), "mean", title="Cumulative Action Complexity")
    table.add_row(*(f"{value:.2f}" for value in one.cac.values()), f"{one.cac_mean:.2f}")
    return table


def _counts(name: str, counts: list[tuple[str, int]], total: int) -> Table:
    table = Table(name, "count", "share")
    for key, count in counts[:SHOWN]:
        table.add_row(key, str(count), f"{count / total:.1%}" if total else "")
    if len(counts) > SHOWN:
        table.add_row(f"and {len(counts) - SHOWN} more", "", "")
    return table

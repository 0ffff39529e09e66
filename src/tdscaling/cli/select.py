"""`tdscaling select`: the most diverse part of a data set that a budget of tokens buys."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tdscaling.cli.datasets import place_of, refuse_foreign_card
from tdscaling.cli.outputs import refuse_loss
from tdscaling.cli.rows import rows_read
from tdscaling.errors import ConfigError, one_line
from tdscaling.export import EXPORTERS, BadRow
from tdscaling.export.card import card
from tdscaling.export.parts import SUFFIXES
from tdscaling.export.writers import write_text
from tdscaling.selection import Rules, Selection, select
from tdscaling.selection.benchmarks import TEXTS, places
from tdscaling.selection.contamination import N, Short, held_of
from tdscaling.selection.features import STRATA
from tdscaling.selection.figures import Figures
from tdscaling.selection.tokens import counter
from tdscaling.store import is_run
from tdscaling.types import JsonValue

SHOWN = 5


@click.command(short_help="Choose the most diverse part of a data set that a budget of tokens buys.")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--budget-tokens", "budget", type=click.IntRange(min=1), required=True, help="Tokens of all chosen.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="A data file, or a folder.")
@click.option("--format", "format_name", default="trl", show_default=True, help=f"One of {', '.join(EXPORTERS)}.")
@click.option("--tokenizer", type=click.Path(path_type=Path), help="A tokenizer.json, or a model folder with one.")
@click.option("--stratify", type=click.Choice(list(STRATA)), help="An equal share of the budget for each value first.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all that is random.")
@click.option("--must", type=click.Path(path_type=Path), help="A file of ids, one a line, that are chosen first.")
@click.option("--never", type=click.Path(path_type=Path), help="A file of ids, one a line, that are not chosen.")
@click.option(
    "--exclude",
    multiple=True,
    help=f"A data set, text file, folder or installed benchmark ({', '.join(TEXTS)}; repeat): dialogues that share a "
    "run of its words are not chosen.",
)
@click.option("--ngram", type=click.IntRange(min=3), default=N, show_default=True, help="Words of such a run.")
@click.option("--licence", default="other", show_default=True, help="Licence named in the data card.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    dataset: Path,
    budget: int,
    output: Path,
    format_name: str,
    tokenizer: Path | None,
    stratify: str | None,
    seed: int,
    must: Path | None,
    never: Path | None,
    exclude: tuple[str, ...],
    ngram: int,
    licence: str,
    as_json: bool,
) -> None:
    """Choose from DATASET, a run folder or a data set of any known form, what differs most within a budget of tokens.

    Domains, modes, complexity bands, cells, tools, pairs of tools and requests count alike. The chosen part is set
    beside a random one of the same budget, and a card beside the data says what was chosen and why.

    \b
    Example:
      tdscaling select runs/first --budget-tokens 100000 -o chosen/
      tdscaling select big.parquet --budget-tokens 5000000 --exclude bfcl -o chosen.jsonl
    """
    place = place_of(output)
    refuse_loss(place.data, (dataset, must, never, *map(Path, exclude)), SUFFIXES)
    refuse_foreign_card(place)
    count, counted_by = counter(tokenizer)
    held, short = held_of([(name, places(name)) for name in exclude], ngram, " or lower --ngram")
    for one in short:
        click.echo(_too_short(one, ngram), err=True)
    rules = Rules(
        budget=budget,
        seed=seed,
        must=_ids(must),
        never=_ids(never),
        held=held,
        stratify=stratify,
        count=count,
    )
    with rows_read() as on_row:
        found = select(dataset, place.data, format_name, rules, on_row)
    why, of_run = _why(found, dataset, rules, counted_by, format_name), is_run(dataset)
    write_text(place.card, _card(found, place.name, format_name, why, licence, of_run=of_run))
    _name_bad_rows(found, format_name, of_run)
    if as_json:
        click.echo(json.dumps(_json(found, rules, counted_by, short), indent=2))
    else:
        _show(found, rules, counted_by, format_name, Console())


def _too_short(one: Short, ngram: int) -> str:
    return (
        f"{one.short} of the {one.entries} rows, dialogues and text files of {one.name} have no text of {ngram} words "
        "or more: what repeats them is not kept out, unless --ngram is lower"
    )


def _card(found: Selection, name: str, format_name: str, why: Mapping[str, str], licence: str, of_run: bool) -> str:
    return card(
        name=name,
        format_name=format_name,
        file=found.written.path.name,
        statistics=found.written.statistics,
        provenance=why,
        licence=licence,
        of_run=of_run,
    )


def _name_bad_rows(found: Selection, format_name: str, of_run: bool) -> None:
    held = f" can't be held by {format_name}"
    for rows, what, more in ((found.bad, "", "bad rows"), (found.refused, held, held.strip())):
        for row in rows[:SHOWN]:
            click.echo(row.said(what, of_run=of_run), err=True)
        if len(rows) > SHOWN:
            click.echo(f"and {len(rows) - SHOWN} more {more}", err=True)


def _ids(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} can't be read: {one_line(exc)}") from exc
    return frozenset(line.strip() for line in lines if line.strip())


def _why(found: Selection, source: Path, rules: Rules, counted_by: str, format_name: str) -> Mapping[str, str]:
    rows = {
        "chosen from": f"{source.name}: {found.written.records} of {found.pool} dialogues",
        "objective": "F(S) = sum of w_f log(1 + count of f); domain, mode, band, cell, tool, tool bigram and request "
        "count alike",
        "budget": f"{rules.budget} tokens, {found.choice.tokens} spent, counted by {counted_by}",
        "F": f"{found.chosen.value:.4f}; a random part of the budget: {found.random.value:.4f}; "
        f"at least {_down(_reached(found)):.3f} of the best possible{_held(rules)}",
        "seed": str(rules.seed),
        "kept out": f"{found.contaminated} for shared runs of words, {found.excluded} by list, {len(found.bad)} bad",
    }
    if found.refused:
        rows[f"can't be held by {format_name}"] = _named(found.refused, is_run(source))
    return rows | ({"stratified by": rules.stratify} if rules.stratify else {})


def _named(rows: Sequence[BadRow], of_run: bool) -> str:
    """How many they are, and the first ones with their reasons."""
    listed = "; ".join(row.said(of_run=of_run) for row in rows[:SHOWN])
    more = f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return f"{len(rows)} dialogues ({listed}{more})"


def _down(share: float) -> float:
    """A share that is reached at least, so that it is still true in three places.

    >>> _down(0.8059), _down(1.0)
    (0.805, 1.0)
    """
    return math.floor(share * 1000) / 1000


def _reached(found: Selection) -> float:
    """The share of the best that is reached at least. With strata nothing is known but the bound."""
    return found.choice.value / found.choice.bound if found.choice.bound else 1.0


def _held(rules: Rules) -> str:
    """What a selection must hold to be compared with."""
    return " that holds the rows of --must" if rules.must else ""


def _json(found: Selection, rules: Rules, counted_by: str, short: Sequence[Short]) -> dict[str, JsonValue]:
    return {
        "path": str(found.written.path),
        "records": found.written.records,
        "pool": found.pool,
        "budget": rules.budget,
        "tokens_counted_by": counted_by,
        "bound": found.choice.bound,
        "reached": _reached(found),
        "selection": _figures(found.chosen),
        "random": _figures(found.random),
        "contaminated": found.contaminated,
        "too_short": [one._asdict() for one in short],
        "excluded": found.excluded,
        "bad_rows": [row.json() for row in found.bad],
        "skipped": [row.json() for row in found.refused],
    }


def _figures(one: Figures) -> dict[str, JsonValue]:
    return {
        "n": one.n,
        "tokens": one.tokens,
        "F": one.value,
        "domain_entropy": one.domain_entropy.normalised,
        "mode_entropy": one.mode_entropy.normalised,
        "cells": one.cells,
        "cac": {f"p{percent}": value for percent, value in one.cac.items()},
        "vendi": one.vendi,
    }


def _show(found: Selection, rules: Rules, counted_by: str, format_name: str, console: Console) -> None:
    table = Table("", "chosen", "random, same budget")
    for name, mine, other in zip(*(_column(one) for one in (found.chosen, found.chosen, found.random)), strict=True):
        table.add_row(name[0], mine[1], other[1])
    console.print(table)
    console.print(
        f"{found.written.records} of {found.pool} dialogues in {found.written.path}: "
        f"at least {_down(_reached(found)):.1%} of what any selection "
        f"of this budget{_held(rules)} can be worth. Tokens: {counted_by}.",
        soft_wrap=True,
    )
    if found.contaminated or found.excluded or found.refused:
        console.print(
            f"kept out: {found.contaminated} for shared runs of words, {found.excluded} by list, "
            f"{len(found.refused)} that {format_name} can't hold"
        )


def _column(one: Figures) -> list[tuple[str, str]]:
    return [
        ("trajectories", str(one.n)),
        ("tokens", str(one.tokens)),
        ("objective F", f"{one.value:.4f}"),
        ("Domain Entropy, normalised", f"{one.domain_entropy.normalised:.3f}"),
        ("Reasoning Mode Entropy, normalised", f"{one.mode_entropy.normalised:.3f}"),
        ("cells", str(one.cells)),
        ("CAC p50 / p90", f"{one.cac.get(50, 0):.2f} / {one.cac.get(90, 0):.2f}"),
        ("Vendi score of requests", f"{one.vendi:.1f}"),
    ]

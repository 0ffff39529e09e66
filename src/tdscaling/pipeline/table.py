"""The summary of a run on a terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tdscaling.measurement.spending import Spending
from tdscaling.pipeline.evolved import lines
from tdscaling.pipeline.summary import RunSummary
from tdscaling.types import BANDS


def show(found: RunSummary, wanted: int, speed: Mapping[str, float], console: Console) -> None:
    """Prints what was kept, the funnel, the diversity and where the data lies."""
    measured = found.measured
    console.print(f"[bold]{found.kept}[/] of {wanted} trajectories kept, {found.cross_server} over several servers")
    funnel = Table(title="Keep funnel", show_header=False)
    for name, count in found.funnel.items():
        funnel.add_row(name, str(count))
    console.print(funnel)
    if found.drawn is not None:
        clusters = Table(title="Clusters drawn to be simulated", show_header=False)
        for name, count in found.drawn.funnel.items():
            clusters.add_row(escape(name), str(count))
        console.print(clusters)
    shares = Table(title="Diversity")
    for column in ("", "entropy", "normalised", "effective", "counts"):
        shares.add_column(column)
    for name, entropy, counts in (
        ("domains", measured.domain_entropy, measured.domains),
        ("reasoning modes", measured.mode_entropy, measured.primary_modes),
    ):
        listed = ", ".join(f"{key} {count}" for key, count in counts.items())
        shares.add_row(name, f"{entropy.raw:.3f}", f"{entropy.normalised:.3f}", f"{entropy.effective:.2f}", listed)
    console.print(shares)
    quantiles = "  ".join(f"p{q} {value:.1f}" for q, value in measured.cac.items())
    bands = "  ".join(f"{band} {count}" for band, count in zip(BANDS, measured.bands, strict=True) if count)
    console.print("Mixture: " + ", ".join(f"{part} {count}" for part, count in measured.mixture.items()))
    console.print(f"Cumulative Action Complexity: {quantiles}\nBands: {bands}")
    for line in lines(found.evolution):
        console.print(line, highlight=False, markup=False)
    stages = "  ".join(f"{t.stage} {t.seconds:.1f} s" for t in found.timings)
    console.print(
        f"This time {speed['seconds']:.1f} s, {speed['episode_seconds']:.1f} s of it for episodes: "
        f"{speed['kept_per_second']:.2f} kept per second; work by stage in the whole run, side by side: {stages}"
    )
    if found.spending is not None:
        console.print(_spent(found.spending))
    if found.misses[0]:
        console.print(f"{found.misses[0]} near misses, {found.misses[1]} of them in preference pairs (trl-dpo)")
    data = found.data or "nothing was exported"
    console.print(f"{found.witnessed} clusters with a chain of calls that was executed\nData set: {data}")


def _spent(found: Spending) -> str:
    """The models' part of a run in three lines."""
    roles = "  ".join(f"{one.role} {one.requests:,} requests" for one in found.roles)
    tokens, cost = sum(one.usage.tokens for one in found.paid), sum(one.usage.cost for one in found.paid)
    each = f", {tokens / found.kept:,.0f} tokens and {cost / found.kept:.4g} for each kept" if found.kept else ""
    faulty = f"; {found.user_fault_rate:.1%} of the user's messages were faulty" if found.user_messages else ""
    fates = "  ".join(f"{one.name} {one.tokens:,}" for one in found.fates)
    vain = f"; {found.beside[1].tokens:,} of the tokens for what was under way at the end" if found.beside[0] else ""
    paid = f"Paid in all: {tokens:,} tokens, {cost:.4g} in money{each}{vain}"
    ended = "".join(f"\nEpisodes that a model's answer ended: {name} {n}" for name, n in found.endings.items())
    return f"Models: {roles}{faulty}{ended}\nTokens by filter: {fates}\n{paid}"

"""The only orchestrator: sources in, a run folder of verified trajectories out."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tdscaling import __version__
from tdscaling.agents import RECIPES
from tdscaling.catalog import load as load_catalog
from tdscaling.catalog.mcp import Launcher
from tdscaling.collecting import collecting_rarely
from tdscaling.config.run import RunConfig
from tdscaling.environments.confined import WhenStarted
from tdscaling.environments.live import LiveEnvironment
from tdscaling.errors import ConfigError
from tdscaling.evolution import Told
from tdscaling.evolution.reports import EVOLUTION
from tdscaling.llm.failures import StopError
from tdscaling.measurement.drawn import DRAWN
from tdscaling.pipeline.business import Business
from tdscaling.pipeline.cast import Cast, casting, check_keys, check_replay
from tdscaling.pipeline.code_plans import Others, hosting
from tdscaling.pipeline.code_supply import code_supply
from tdscaling.pipeline.code_tasks import CodeEpisodes, is_code
from tdscaling.pipeline.code_tool import code_tool
from tdscaling.pipeline.evolved import came_of
from tdscaling.pipeline.exports import write_exports
from tdscaling.pipeline.inputs import digests
from tdscaling.pipeline.judging import Judging, held_out
from tdscaling.pipeline.knowledge import Knowledge
from tdscaling.pipeline.lasting import guarded
from tdscaling.pipeline.mixture import Mixer, mixer
from tdscaling.pipeline.prepare import gather_tools, get_to_know, live_specs, usable_clusters, without_clusters
from tdscaling.pipeline.runners import Runners
from tdscaling.pipeline.simulation import Simulation, briefing_of, check_servers, explore_simulated, joined, simulation
from tdscaling.pipeline.slots import Slots
from tdscaling.pipeline.window import Window
from tdscaling.pipeline.workers import prepare, working
from tdscaling.prompts import hashes
from tdscaling.replacing import replacing
from tdscaling.rollout import RolloutLimits
from tdscaling.sandbox import Sandbox
from tdscaling.scratch import sweep
from tdscaling.selection.contamination import Held
from tdscaling.store import Item, Outcome, RunStore, encode, failures_named
from tdscaling.types import MODES, Exploration, Mode, Target, Tool

Report = Callable[[str, int, int], None]
"""Called as a run goes on: the stage, what is done of it, and how much there is."""

KNOWLEDGE = "knowledge"
UNDER_WAY = "answers under way (interrupt again to give them up)"
"""The stage in which a run that ends waits for what is paid for."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended: kept of wanted, a line for every source or server that was left out, and the wall time
    of this call's episodes in seconds with the number kept in it. `stopped` says why it ended early, where the budget
    or an endpoint made it: the same call goes on."""

    kept: int
    wanted: int
    problems: tuple[str, ...]
    episode_seconds: float
    newly_kept: int
    stopped: str = ""


async def synthesize(
    config: RunConfig,
    folder: Path,
    base: Path,
    *,
    new: bool = False,
    created: str = "",
    report: Report | None = None,
    environ: Mapping[str, str] | None = None,
    replay: Path | None = None,
    notice: Callable[[str], None] = lambda _: None,
) -> RunResult:
    """Runs `config` into `folder`, or goes on where an earlier call stopped; what killed calls left behind goes.

    Relative sources, seed files and seed commands start at `base`, an absolute path. `environ` holds the keys of
    endpoints; with `replay` the answers kept in that run folder are all there is. `notice` is told in a
    line that an endpoint does not answer. Raises ConfigError, DataError, StoreError.
    """
    say = report or _silent
    if replay is None:
        check_keys(config, environ or {})
    else:
        check_replay(config, replay)
    held = held_out(config, base)
    described = {**config.decisive(), "files": digests(config, base)}
    text = json.dumps(described, indent=1, sort_keys=True)
    fingerprint = hashlib.sha256(f"{text}|{base}".encode()).hexdigest()[:16]
    store = RunStore.open(folder, fingerprint, text, new=new, created=created)
    try:
        sweep()
        with failures_named(folder):
            run = _Run(config, folder, base, fingerprint, held, store, say)
            under_way = partial(say, UNDER_WAY, 0)
            return await run.go(lambda: casting(config, folder, environ or {}, replay, under_way, notice))
    finally:
        store.close()


def _silent(stage: str, done: int, of: int) -> None:
    """For callers that don't want to know."""


@dataclass(slots=True)
class _Run:
    config: RunConfig
    folder: Path
    base: Path
    fingerprint: str
    held: Held | None
    store: RunStore
    say: Report

    async def go(self, cast: Callable[[], AbstractAsyncContextManager[Cast]]) -> RunResult:
        if not self.config.sources:
            self._manifest(clusters_made=0)
            return await self._played(cast, None, [])
        sources = [self.base / source for source in self.config.sources]
        specs = live_specs(sources)
        starting = WhenStarted(self.config.environment)
        launcher = starting.decided() if specs else None
        tools, problems = await self._catalogue(sources, starting)
        problems = [*problems, *([starting.warning] if starting.warning else [])]
        live = [tool for tool in tools if tool.server in specs]
        check_servers(self.config, specs.keys() | {tool.server for tool in tools}, specs.keys())
        simulated = simulation(tools, specs.keys(), self.config, self.base)
        if not live and (simulated is None or not simulated.tools):
            why = [*(self._drawn(simulated)[:1] if simulated else ()), *problems]
            raise ConfigError("the sources offer no tool that can be called" + (f": {why[0]}" if why else ""))
        prepare(self.config, simulated)
        async with LiveEnvironment(
            specs, self.config.environment, seed=self.config.seed, base=self.base, launcher=launcher
        ) as environment:
            environment.promise(live)
            knowledge = await self._knowledge(live, environment, simulated)
            left_out = self._drawn(simulated, knowledge.exploration) if simulated else []
            used = [*live, *(simulated.tools if simulated else ())]
            known = [*tools] if simulated is None else used
            clusters = usable_clusters(known, knowledge.exploration, self.config.domains, self.folder)
            if not clusters:
                why = without_clusters(self.folder, knowledge.exploration, [*left_out, *knowledge.problems])
                if not self.config.mixture.code:
                    raise ConfigError(f"{why}: nothing to make episodes from")
                problems = [f"{why}: code tasks alone are made", *problems]
            self._manifest(clusters_made=len(clusters))
            served, briefing = joined(environment, specs, simulated), briefing_of(simulated)
            business = Business(used, clusters, knowledge, served, briefing, hosting(environment, live), simulated)
            result = await self._played(cast, business, [*problems, *left_out, *knowledge.problems])
            return replace(result, problems=(*result.problems, *sorted(environment.changes)))

    def _drawn(self, simulated: Simulation, exploration: Exploration | None = None) -> list[str]:
        """Notes the clusters drawn to be simulated beside the funnel; a line in all, and one for each that can't
        serve."""
        found = simulated.drawn(exploration)
        self.store.save_state(DRAWN, encode(found))
        return [found.said, *map(str, found.left_out)] if found.left_out or not found.clusters else []

    async def _played(
        self, cast: Callable[[], AbstractAsyncContextManager[Cast]], business: Business | None, problems: list[str]
    ) -> RunResult:
        """All episodes, and the exports of what they gave."""
        before, begun, stopped = self.store.kept_count(), time.perf_counter(), ""
        with collecting_rarely(), code_tool(self.config.sandbox) as (sandbox, missing):
            problems += [missing] if missing else []
            try:
                async with cast() as players:
                    if business is not None and business.simulated is not None:
                        business.simulated.environment.phrase_by(players.simulator())
                    await self._all_episodes(business, sandbox, players, problems)
            except StopError as exc:
                stopped = str(exc)
        seconds = time.perf_counter() - begun
        self.store.check_there()
        self.say("export", 0, 1)
        problems += write_exports(self.store, self.folder, self.config.export)
        kept = self.store.kept_count()
        return RunResult(kept, self.config.trajectories, tuple(problems), seconds, kept - before, stopped)

    async def _all_episodes(
        self, business: Business | None, sandbox: Sandbox | None, cast: Cast, problems: list[str]
    ) -> None:
        """Episodes of every part of the mixture and every mode that can be planned here: computations and code tasks
        need the code tool. What is left out is added to `problems`."""
        config = self.config
        known: list[Mode] = [
            mode for mode in MODES if mode in RECIPES and (mode != "computational" or sandbox is not None)
        ]
        limits = RolloutLimits(**config.episodes.model_dump())
        supply, host = None, business.hosting if business else None
        if sandbox is not None and config.mixture.code:
            supply = await asyncio.to_thread(code_supply, config, self.base, sandbox, host)
            problems += supply.problems
        others = Others(business.environment, business.tools) if business else None
        code = CodeEpisodes(supply.workshop, cast, config.seed, limits, host, others) if supply else None
        clusters = business.clusters if business else ()
        targets = supply.targets if supply else None
        feasible = business.feasible() if business and not cast.planned else None
        parts = mixer(config, clusters, known, targets, feasible)
        if not parts.shares:
            raise ConfigError(f"nothing of the mixture can be made here: {problems[0] if problems else 'no source'}")
        slots = Slots(config.environment.slots)
        if business is None:
            await self._episodes(Runners(None, code, slots), parts)
            return
        episodes = business.episodes(config, sandbox, cast, limits)
        async with working(episodes, business.simulated) as workers:
            await self._episodes(Runners(replace(episodes, apart=workers, slots=slots), code, slots, workers), parts)

    async def _catalogue(self, sources: Sequence[Path], launcher: Launcher | None) -> tuple[list[Tool], list[str]]:
        """The tools as the run's first call found them; what the servers offer later does not change a run."""
        path = self.folder / "catalog.jsonl.gz"
        if self.store.exploration(KNOWLEDGE) is not None and path.exists():
            return load_catalog(path), []
        self.say("catalogue", 0, 1)
        return await gather_tools(sources, launcher, path)

    async def _knowledge(
        self, live: Sequence[Tool], environment: LiveEnvironment, simulated: Simulation | None
    ) -> Knowledge:
        """What exploration found: stored once, so that a run that goes on knows the same."""
        tools, never = guarded(environment, live, self.config.environment.network)
        stored = self.store.exploration(KNOWLEDGE)
        if stored is not None:
            knowledge = Knowledge.loaded(stored)
            environment.assume_reuse([server for server, allowed in knowledge.reuse if allowed])
            environment.mask(knowledge.volatile)
            for server, script in knowledge.probes:
                environment.watch(server, script)
            return knowledge
        self.say("exploration", 0, 1)
        knowledge = await get_to_know(tools, environment, self.config, never)
        if simulated is not None:
            knowledge = knowledge.with_more(*await explore_simulated(simulated, self.config))
        stored = knowledge.dumped()
        self.store.save_exploration(KNOWLEDGE, stored)
        return Knowledge.loaded(stored)

    async def _episodes(self, episodes: Runners, emitter: Mixer) -> None:
        """Asks for targets as outcomes are told; these are recorded and told in the order of the targets, so that
        neither timing nor an interruption changes what comes next."""
        judging = Judging.of(self.held, self.store.iter_trajectories(kept=True))
        rows = list(self.store.descriptors(kept=None))
        seen = {row.item: came_of(row, self.store.blueprint(row.item) if row.kept else None) for row in rows}
        done = self.store.done_items()

        async def make(item: Item) -> Outcome:
            parent = self.store.blueprint(item.target.parent) if item.target.parent else None
            return await episodes.run(replace(item, parent=parent))

        inputs = f"{json.dumps(self.config.decisive())}|".encode()

        def item_of(target: Target, order: int) -> Item:
            kind = "code" if is_code(target) else "episode"
            name = hashlib.sha256(inputs + encode(target)).hexdigest()
            return Item(hash=name, order=order, target=target, kind=kind)

        window = Window(self.config, emitter)
        async with aclosing(window.outcomes(item_of, done, make)) as found:
            async for item, made in found:
                if made is None:
                    told = seen.pop(item.hash, Told(item=item.hash))
                else:
                    outcome = judging.judged(made)
                    self.store.record(outcome)
                    told = came_of(outcome, outcome.blueprint)
                window.tell(item.target, told)
                self.say("episodes", window.kept, self.config.trajectories)
                if window.told % window.size == 0:
                    self.store.save_state(EVOLUTION, encode(emitter.reports()))
        self.store.save_state(EVOLUTION, encode(emitter.reports()))

    def _manifest(self, clusters_made: int) -> None:
        content = {
            "tdscaling": __version__,
            "fingerprint": self.fingerprint,
            "seed": self.config.seed,
            "prompts": hashes(),
            "clusters_usable": clusters_made,
            "config": self.config.model_dump(mode="json"),
        }
        with replacing(self.folder / "manifest.json") as file:
            file.write((json.dumps(content, indent=1) + "\n").encode())

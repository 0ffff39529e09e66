"""Plans of a finished run played again: somebody else is the assistant, all else is as it was when they were kept."""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from pydantic import ValidationError

from tdscaling.agents import Assistant, ProceduralUser, User
from tdscaling.agents.model import ModelAssistant, ModelJudge, Voice
from tdscaling.agents.model.tool_protocol import Protocol
from tdscaling.catalog import load as load_catalog
from tdscaling.config.run import RunConfig
from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.graph import load_clusters
from tdscaling.llm import Model
from tdscaling.pipeline.business import Business
from tdscaling.pipeline.cast import Cast, Part
from tdscaling.pipeline.code_plans import Others
from tdscaling.pipeline.code_supply import code_supply
from tdscaling.pipeline.code_tasks import CodeEpisodes, is_code
from tdscaling.pipeline.code_tool import code_tool
from tdscaling.pipeline.episode import Apart, Episodes
from tdscaling.pipeline.knowledge import Knowledge
from tdscaling.pipeline.simulation import briefing_of, simulation
from tdscaling.pipeline.synthesize import KNOWLEDGE
from tdscaling.rollout import Rollout, RolloutLimits
from tdscaling.sandbox import Sandbox
from tdscaling.store import Item, RunReader, is_run, read_run
from tdscaling.types import Blueprint, Descriptor, Dialogue, JsonValue, Verdict


@dataclass(frozen=True, slots=True)
class PastRun:
    """The folder of a run, and where the relative paths of its config start."""

    folder: Path
    base: Path


@dataclass(frozen=True, slots=True)
class Guest:
    """The model that is the assistant, how it calls tools, and how many messages it has in one turn: one
    more than the kept dialogue took where that is more, since before its last it is told to call nothing."""

    model: Model
    protocol: Protocol
    steps_per_turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The plan of a kept trajectory played by a guest: whether all checks passed, else the first that did not."""

    id: str
    passed: bool
    reason: str


def plans_of(runs: Sequence[PastRun], ids: Sequence[str]) -> tuple[str, ...]:
    """Those of the ids whose plans can be played again, in their order: the kept trajectories of runs over simulated
    services and code tasks alone. Raises StoreError, ConfigError."""
    known: set[str] = set()
    for one in runs:
        if is_run(one.folder):
            with read_run(one.folder) as reader:
                if not _live(reader):
                    known.update(row.id for row in reader.descriptors())
    return tuple(name for name in ids if name in known)


async def play_again(
    runs: Sequence[PastRun],
    ids: Sequence[str],
    guest: Guest,
    tell: Callable[[Again], None],
    opened: dict[PastRun, Business] | None = None,
) -> None:
    """Plays these plans in the order of the runs, each in a fresh session, and tells how each went. The services of
    runs are kept in `opened`, where it is given, for the next guest.

    Raises DataError for one that can't be played at all, which says nothing of the guest; ConfigError, StoreError,
    SandboxError, ProviderError.
    """
    left = set(ids)
    opened = {} if opened is None else opened
    for one in runs:
        if not left or not is_run(one.folder):
            continue
        with read_run(one.folder) as reader:
            items = {row.id: (row.item, row.order) for row in reader.descriptors() if row.id in left}
            if not items:
                continue
            left -= items.keys()
            async with _stage(one, reader, guest, opened) as stage:
                for name in (name for name in ids if name in items):
                    trajectory = reader.trajectory(name)
                    assert trajectory is not None
                    item, order = items[name]
                    again = Item(hash=item, order=order, target=trajectory.target)
                    tell(await stage.play(again, longest_turn(trajectory.dialogue)))
    if left:
        raise DataError(f"{min(left)} can't be played again: no run of the pool has its plan")


def longest_turn(dialogue: Dialogue) -> int:
    """The most messages of the assistant in one turn."""
    found, count = 0, 0
    for message in dialogue.messages:
        if message.role == "user":
            count = 0
        count += message.role == "assistant"
        found = max(found, count)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hosts(Cast):
    """The cast of a run with a guest as the assistant; all others are procedural, whoever they were."""

    guest: Guest

    @property
    def free(self) -> bool:
        return True

    @property
    def takes(self) -> int:
        return 1

    def judge(self, part: Part) -> ModelJudge | None:
        return None

    def user(self, part: Part, blueprint: Blueprint, tools: object) -> User:
        return ProceduralUser(blueprint, Random(f"user {self.config.seed} {part.item}"))

    def assistant(self, part: Part, blueprint: Blueprint, take: int = 0) -> Assistant:
        voice = Voice(self.guest.model, "assistant", f"{self.config.seed} {part.item}")
        return ModelAssistant(voice, self.guest.protocol, self.guest.steps_per_turn)

    def provenance(self) -> dict[str, JsonValue]:
        return {}


@dataclass(frozen=True, slots=True)
class _Stored(Apart):
    """Plans out of the store; nothing else is done apart."""

    reader: RunReader

    def take(self, item: Item) -> bool:
        return False

    def plans(self, item: Item) -> bool:
        return True

    def checks(self, item: Item) -> bool:
        return False

    async def plan(self, item: Item) -> Blueprint:
        found = self.reader.blueprint(item.hash)
        if found is None:
            raise DataError(f"{self.reader.folder} has no plan of {item.hash[:16]}: it can't be played again")
        return found

    async def examine(self, item: Item, blueprint: Blueprint, rollout: Rollout) -> tuple[Descriptor, Verdict]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Stage:
    business: Episodes | None
    code: CodeEpisodes | None
    hosts: _Hosts

    async def play(self, item: Item, steps: int) -> Again:
        """`steps`: what the longest turn of the kept dialogue took."""
        maker = self.code if is_code(item.target) else self.business
        name = item.hash[:16]
        if maker is None:
            raise DataError(f"{name} can't be played again here: it needs the sandbox (tdscaling doctor says why)")
        steps = max(steps + 1, self.hosts.guest.steps_per_turn)
        hosts = replace(self.hosts, guest=replace(self.hosts.guest, steps_per_turn=steps))
        limits = replace(maker.limits, steps_per_turn=steps)
        outcome = await replace(maker, cast=hosts, limits=limits).run(item)
        if outcome.trajectory is None:
            assert outcome.rejection is not None
            raise DataError(
                f"{name} could not be played: {outcome.rejection.reason} {outcome.rejection.detail}".strip()
            )
        verdict = outcome.trajectory.verdict
        return Again(id=name, passed=verdict.kept, reason=verdict.reason)


def _config(one: PastRun) -> RunConfig:
    """The config that a run was made with. Raises ConfigError."""
    path = one.folder / "manifest.json"
    try:
        return RunConfig.model_validate(json.loads(path.read_text(encoding="utf-8"))["config"])
    except (OSError, ValueError, KeyError, ValidationError) as exc:
        raise ConfigError(f"{path} can't be read ({one_line(exc)}): make the run again with --new") from exc


def _live(reader: RunReader) -> bool:
    """Whether it was made with live servers: whether one was asked if its processes may be reused."""
    stored = reader.exploration(KNOWLEDGE)
    return stored is not None and bool(Knowledge.loaded(stored).reuse)


@asynccontextmanager
async def _stage(
    one: PastRun, reader: RunReader, guest: Guest, opened: dict[PastRun, Business]
) -> AsyncGenerator[_Stage]:
    config = _config(one)
    limits = RolloutLimits(user_turns=config.episodes.user_turns, steps_per_turn=guest.steps_per_turn)
    hosts = _Hosts(config, {}, guest=guest)
    if config.sources and one not in opened:
        opened[one] = _business(one, config, reader)
    business = opened.get(one)
    with code_tool(config.sandbox) as (sandbox, _):
        episodes = business.episodes(config, sandbox, hosts, limits) if business else None
        yield _Stage(
            replace(episodes, apart=_Stored(reader)) if episodes else None,
            _code(one, config, sandbox, hosts, limits, business),
            hosts,
        )


def _business(one: PastRun, config: RunConfig, reader: RunReader) -> Business:
    """As it was when the run was made; nothing is explored. Raises ConfigError for one over live servers."""
    if _live(reader):
        raise ConfigError(f"{one.folder} was made with live servers: only simulated services are played again")
    tools = load_catalog(one.folder / "catalog.jsonl.gz")
    simulated, stored = simulation(tools, (), config, one.base), reader.exploration(KNOWLEDGE)
    if simulated is None or stored is None:
        raise ConfigError(f"{one.folder} has no simulated services to play in: name another pool")
    clusters = load_clusters(one.folder / "clusters.jsonl")
    knowledge, briefing = Knowledge.loaded(stored), briefing_of(simulated)
    return Business(simulated.tools, clusters, knowledge, simulated.environment, briefing, simulated=simulated)


def _code(
    one: PastRun,
    config: RunConfig,
    sandbox: Sandbox | None,
    hosts: Cast,
    limits: RolloutLimits,
    business: Business | None,
) -> CodeEpisodes | None:
    if sandbox is None:
        return None
    others = Others(business.environment, business.tools) if business else None
    supply = code_supply(config, one.base, sandbox, None)
    return CodeEpisodes(supply.workshop, hosts, config.seed, limits, None, others)

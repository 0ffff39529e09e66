"""The roles of a run: who plays them, and what each episode's players have asked models for."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tdscaling.agents import Assistant, Planner, ProceduralAssistant, ProceduralPlanner, ProceduralUser, User
from tdscaling.agents.model import ModelAssistant, ModelJudge, ModelPlanner, ModelSimulator, ModelUser, Voice, Watch
from tdscaling.agents.model.probe import probe
from tdscaling.agents.model.tool_protocol import Protocol
from tdscaling.config.roles import NONE, PROCEDURAL
from tdscaling.config.run import RunConfig
from tdscaling.errors import ConfigError
from tdscaling.llm import Model
from tdscaling.llm.answers import FILE as ANSWERS
from tdscaling.llm.metered import Metered, Spent
from tdscaling.llm.opening import Opening, open_models
from tdscaling.llm.secrets import Secret
from tdscaling.prompts import hashes
from tdscaling.store import Fault, Usage, is_run
from tdscaling.types import Blueprint, JsonValue, OfferedTool


@dataclass(slots=True)
class Part:
    """What the players of one episode leave behind beside the dialogue."""

    item: str
    ledger: list[Spent] = field(default_factory=list[Spent])
    users: list[ModelUser] = field(default_factory=list[ModelUser])

    def usage(self) -> tuple[Usage, ...]:
        """The requests of the episode, as the store keeps them; what a further take asks again is one."""
        return tuple(
            Usage(
                role=one.role,
                model=one.model,
                request=one.request,
                prompt_tokens=one.usage.prompt_tokens,
                completion_tokens=one.usage.completion_tokens,
                seconds=one.usage.seconds,
                cost=one.usage.cost,
            )
            for one in {one.request or n: one for n, one in enumerate(self.ledger)}.values()
        )

    def faults(self) -> tuple[Fault, ...]:
        """What the monitor found in the simulated user's messages, those mended too."""
        return tuple(
            Fault(kind=f"user:{one.kind}", subject="user", detail=one.detail)
            for user in self.users
            for one in user.faults
        )


_PART: ContextVar[Part | None] = ContextVar("part", default=None)
"""The part of the episode that is being made; each is made in a task of its own."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Makes the players of episodes."""

    config: RunConfig
    models: Mapping[str, Model]
    protocol: Protocol = "native"

    @property
    def free(self) -> bool:
        """Whether the assistant finds its own way, so that another mode than the plan's is no failure."""
        return self.config.roles.assistant != PROCEDURAL

    @property
    def takes(self) -> int:
        """How often one plan is played at most; a procedural assistant would do the same again."""
        return 1 + self.config.playing.near_misses if self.free else 1

    def part(self, item: str) -> Part:
        """The part of an episode that begins: what is asked from here on is asked for it."""
        part = Part(item)
        _PART.set(part)
        return part

    def simulator(self) -> ModelSimulator | None:
        """Who phrases what simulated services create, for whichever episode calls them; None: a rule."""
        name = self.config.roles.simulator
        if name == PROCEDURAL:
            return None
        return ModelSimulator(lambda: self._voice("simulator", name, _PART.get() or Part("")))

    def planner(self, part: Part) -> Planner:
        if not self.planned:
            return ProceduralPlanner()
        return ModelPlanner(self._voice("planner", self.config.roles.planner, part))

    @property
    def planned(self) -> bool:
        """Whether a model plans."""
        return self.config.roles.planner != PROCEDURAL

    def judge(self, part: Part) -> ModelJudge | None:
        name, how = self.config.roles.judge, self.config.playing
        return None if name == NONE else ModelJudge(self._voice("judge", name, part), how.criteria, how.votes)

    def user(self, part: Part, blueprint: Blueprint, tools: Collection[OfferedTool]) -> User:
        if self.config.roles.user == PROCEDURAL:
            return ProceduralUser(blueprint, Random(f"user {self.config.seed} {part.item}"))
        voice, watcher = self._voice("user", self.config.roles.user, part), self.config.roles.monitor
        watch = None if watcher == NONE else Watch(self._voice("monitor", watcher, part))
        user = ModelUser(blueprint, voice, [tool.name for tool in tools], watch)
        part.users.append(user)
        return user

    def assistant(self, part: Part, blueprint: Blueprint, take: int = 0) -> Assistant:
        """The assistant of a take: its answers differ from take to take, while the user says the same to the same."""
        if not self.free:
            return ProceduralAssistant(blueprint, Random(f"assistant {self.config.seed} {part.item}"))
        voice = self._voice("assistant", self.config.roles.assistant, part, f" take {take}" if take else "")
        hints = blueprint if self.config.playing.hints else None
        return ModelAssistant(voice, self.protocol, self.config.episodes.steps_per_turn, hints)

    def _voice(self, role: str, name: str, part: Part, take: str = "") -> Voice:
        model = Metered(self.models[name], name, role, part.ledger)
        return Voice(model, role, f"{self.config.seed} {part.item}{take}")

    def provenance(self) -> dict[str, JsonValue]:
        """Who played what, how it was sampled, and the prompts' hashes."""
        roles = self.config.roles
        names = {"planner": roles.planner, "user": roles.user, "assistant": roles.assistant, "monitor": roles.monitor,
                 "judge": roles.judge, "simulator": roles.simulator}  # fmt: skip
        played: dict[str, JsonValue] = {"roles": dict(names), "prompts": dict(hashes())}
        sampling: dict[str, JsonValue] = {}
        for name in roles.played_by:
            how = self.config.models[name]
            sampling[name] = {"model": how.model, "temperature": how.temperature, "top_p": how.top_p,
                              "max_tokens": how.max_tokens, "extra": how.extra}  # fmt: skip
        if sampling:
            played["models"] = sampling
        if self.free:
            played["tool_protocol"] = self.protocol
            played["hints"] = self.config.playing.hints
        return played


def check_keys(config: RunConfig, environ: Mapping[str, str]) -> None:
    """Raises ConfigError for the first key that a role's model needs and that is not set: before anything is done."""
    for name in config.roles.played_by:
        Secret.from_environment(config.models[name].api_key_env, environ, name)


def check_replay(config: RunConfig, replay: Path) -> None:
    """Raises ConfigError unless `replay` is a run folder, with answers where a role asks a model."""
    if not is_run(replay):
        raise ConfigError(f"--replay {replay} is no run folder: name one that `tdscaling synthesize` wrote")
    if not (replay / ANSWERS).is_file() and config.roles.played_by:
        raise ConfigError(f"--replay {replay} has no {ANSWERS}, nothing to replay: name a run that asked models")


@asynccontextmanager
async def casting(
    config: RunConfig,
    folder: Path,
    environ: Mapping[str, str],
    replay: Path | None,
    under_way: Callable[[int], None] = lambda _: None,
    notice: Callable[[str], None] = lambda _: None,
) -> AsyncGenerator[Cast]:
    """The cast of a run, its models open; `under_way` and `notice` as for `Opening`.

    Raises ConfigError for a key that is not set, StoreError, ProviderError when the endpoint can't be probed.
    """
    used = config.roles.played_by
    if not used:
        yield Cast(config, {})
        return
    how = Opening(
        environ=environ,
        folder=folder,
        budget=config.budget,
        in_flight=config.in_flight,
        replay=replay,
        rng=Random(config.seed),
        under_way=under_way,
        notice=notice,
    )
    async with open_models(config.models, used, how) as models:
        yield Cast(config, models.by_name, await _protocol(config, models.by_name))


async def _protocol(config: RunConfig, models: Mapping[str, Model]) -> Protocol:
    name = config.roles.assistant
    if name == PROCEDURAL:
        return "native"
    wanted = config.models[name].protocol
    return await probe(models[name]) if wanted == "auto" else wanted

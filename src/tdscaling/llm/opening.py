"""From the config to models that can be asked."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp

from tdscaling.collecting import collecting_rarely
from tdscaling.config.models import BudgetSettings, ModelSettings
from tdscaling.errors import ConfigError
from tdscaling.llm.answers import Answers
from tdscaling.llm.breaker import Breaker
from tdscaling.llm.budget import Budget
from tdscaling.llm.client import Client, Limits
from tdscaling.llm.clock import Clock
from tdscaling.llm.endpoint import Endpoint
from tdscaling.llm.protocol import Usage
from tdscaling.llm.rates import Rates
from tdscaling.llm.secrets import Secret
from tdscaling.llm.transport import HttpTransport


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a run by their name in the config."""

    by_name: Mapping[str, Endpoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What models are opened with. `folder` is where answers are kept (None: in memory); `replay` is a run folder
    whose answers are all there is, so that no endpoint is needed. `under_way` is told how many answers are still waited
    for when the models are closed, `notice` in a line that an endpoint does not answer and is waited for."""

    environ: Mapping[str, str]
    folder: Path | None = None
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    in_flight: int = 256
    replay: Path | None = None
    clock: Clock = field(default_factory=Clock)
    rng: Random
    under_way: Callable[[int], None] = lambda _: None
    notice: Callable[[str], None] = lambda _: None


@asynccontextmanager
async def open_models(
    settings: Mapping[str, ModelSettings], used: Collection[str], how: Opening
) -> AsyncGenerator[Models]:
    """The models in `used`. When they are closed, answers under way are waited for and kept: they are paid for.

    Raises ConfigError for a key that is not set, StoreError.
    """
    unknown = sorted(set(used) - set(settings))
    if unknown:
        raise ConfigError(f"roles name the model {unknown[0]!r}, which is not under `models`")
    with collecting_rarely(), closing(Answers.read(how.replay) if how.replay else Answers.open(how.folder)) as answers:
        spent = sum((one.usage for one in answers.paid()), Usage()) if not how.replay else Usage()
        budget = Budget(how.budget.tokens, how.budget.cost, spent)
        if how.replay:
            made = {name: Endpoint(name, settings[name], answers, budget, None) for name in sorted(used)}
            yield Models(made)
            return
        secrets = {n: Secret.from_environment(settings[n].api_key_env, how.environ, n) for n in sorted(used)}
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30.0)
        jar = aiohttp.DummyCookieJar()  # an endpoint's cookies are none of ours
        async with aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(), cookie_jar=jar
        ) as session:
            everyone = asyncio.Semaphore(how.in_flight)
            sent_by = {n: HttpTransport(session, settings[n], secrets[n], how.clock.wall) for n in sorted(used)}
            clients = {n: _client(n, settings[n], sent_by[n], everyone, answers.ready, how) for n in sorted(used)}
            made = {n: Endpoint(n, settings[n], answers, budget, clients[n]) for n in sorted(used)}
            try:
                yield Models(made)
            finally:
                await _landed(made.values(), how.under_way)


async def _landed(endpoints: Collection[Endpoint], under_way: Callable[[int], None]) -> None:
    count = sum(len(endpoint.flying) for endpoint in endpoints)
    if count:
        under_way(count)
    for endpoint in endpoints:
        await endpoint.land()


def _client(
    name: str,
    settings: ModelSettings,
    transport: HttpTransport,
    everyone: asyncio.Semaphore,
    ready: Callable[[], None],
    how: Opening,
) -> Client:
    limits = Limits(
        own=asyncio.Semaphore(settings.concurrency),
        everyone=everyone,
        rates=Rates(settings.rpm, settings.tpm, how.clock),
        breaker=Breaker(f"models.{name}", settings.base_url, how.clock, how.notice),
        ready=ready,
    )
    return Client(transport, settings, limits, how.clock, how.rng)

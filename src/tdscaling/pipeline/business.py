"""The business part of a run: clusters, what is known of their tools, and the environment they act on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tdscaling.agents import Feasible
from tdscaling.config.run import RunConfig
from tdscaling.environments.code import WithCode, code_tools
from tdscaling.pipeline.cast import Cast
from tdscaling.pipeline.code_plans import Hosting
from tdscaling.pipeline.episode import Episodes
from tdscaling.pipeline.knowledge import Knowledge
from tdscaling.pipeline.simulation import Briefing, Simulation
from tdscaling.rollout import RolloutLimits
from tdscaling.sandbox import Sandbox
from tdscaling.types import Cluster, Environment, Tool


@dataclass(frozen=True, slots=True)
class Business:
    """What business episodes are made from; `hosting` where a live git server can host repository tasks."""

    tools: Sequence[Tool]
    clusters: Sequence[Cluster]
    knowledge: Knowledge
    environment: Environment
    briefing: Briefing
    hosting: Hosting | None = None
    simulated: Simulation | None = None

    def feasible(self) -> Mapping[str, Collection[str]]:
        """By cluster: the modes that the procedural planner can plan with what worked there."""
        found = Feasible({tool.key: tool for tool in self.tools}, self.knowledge.exploration)
        return {one.id: found.modes(one.tools) for one in self.clusters}

    def episodes(self, config: RunConfig, sandbox: Sandbox | None, cast: Cast, limits: RolloutLimits) -> Episodes:
        """The maker of its episodes."""
        code = code_tools(sandbox.abilities) if sandbox is not None else ()
        return Episodes(
            environment=WithCode(self.environment, sandbox) if sandbox is not None else self.environment,
            cast=cast,
            tools={tool.key: tool for tool in (*self.tools, *code)},
            clusters={cluster.id: cluster for cluster in self.clusters},
            exploration=self.knowledge.exploration,
            seed=config.seed,
            limits=limits,
            faults=config.faults,
            briefing=self.briefing,
        )

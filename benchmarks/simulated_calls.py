"""Measure: calls a second of one core over the tools of one simulated service, and the time of a fresh world.

python -m benchmarks.simulated_calls CATALOG SERVER
"""

import argparse
import json
import time
from pathlib import Path
from random import Random

from tdscaling.catalog import load
from tdscaling.environments.simulated import ServiceModel, SimulatedEnvironment
from tdscaling.environments.simulated.arguments import arguments_for
from tdscaling.environments.simulated.store import Store


def calls_per_second(environment: SimulatedEnvironment, model: ServiceModel) -> float:
    """Calls per second over the tools of one service, in one thread."""
    service = environment.service(model.server)
    store, rng = Store(environment.template(model.server, 0)), Random(1)
    prepared = [
        (name, arguments)
        for name in model.simulated
        for _ in range(4)
        if model.operations[name].kind != "delete"
        and (arguments := arguments_for(service, store, model.operations[name], rng)) is not None
    ]
    begun, made = time.process_time(), 0
    while made < 20_000:
        store = Store(environment.template(model.server, 0))
        for name, arguments in prepared:
            service.call(store, name, arguments)
        made += len(prepared)
    return made / (time.process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("server")
    given = parser.parse_args()
    tools = [tool for tool in load(given.catalog) if tool.server == given.server]
    environment = SimulatedEnvironment(tools, seed=5, worlds=20)
    model = environment.model(given.server)
    speed = calls_per_second(environment, model)
    times: list[float] = []
    for world in range(1, 20):
        begun = time.perf_counter()
        environment.template(given.server, world)
        times.append(time.perf_counter() - begun)
    print(json.dumps({"tools": len(model.simulated), "calls a second": round(speed),
                      "world ms, median": round(1000 * sorted(times)[len(times) // 2], 2)}))  # fmt: skip


if __name__ == "__main__":
    main()

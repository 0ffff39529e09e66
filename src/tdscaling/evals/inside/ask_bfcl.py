"""Runs in the environment of bfcl-eval: asks an endpoint its tasks through its own handler and has it judge.

Imports nothing of ours but what lies beside it. The job comes as JSON on stdin, and lines of JSON go to stdout: what is
done, then the result or why there is none. Every answer is kept in FOLDER/answers.jsonl before it is used.
"""

import ast
import csv
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import ModuleType, SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent))
from endpoint import FOLDER, JOB, Dead, Endpoint, tell

os.environ["BFCL_PROJECT_ROOT"] = str(FOLDER)
NAME = "endpoint"
"""Of the model in the package's tables; it becomes part of names in code, so it can't be the model's own."""

# The package's own table names some 200 models and loads the client of each of their vendors. Ours has one.
MODELS = ModuleType("bfcl_eval.constants.model_config")
MODELS.MODEL_CONFIG_MAPPING = {}
sys.modules[MODELS.__name__] = MODELS

from bfcl_eval.constants.category_mapping import LIVE_CATEGORY, MULTI_TURN_CATEGORY, NON_LIVE_CATEGORY
from bfcl_eval.constants.eval_config import SCORE_PATH
from bfcl_eval.eval_checker import eval_runner
from bfcl_eval.eval_checker.eval_runner_helper import generate_leaderboard_csv
from bfcl_eval.eval_checker.multi_turn_eval import multi_turn_utils
from bfcl_eval.model_handler.api_inference.openai_completion import OpenAICompletionsHandler
from bfcl_eval.utils import find_file_by_category, load_dataset_entry, load_file, sort_key
from openai.types.chat import ChatCompletion

GROUPS = {
    "multi_turn": (MULTI_TURN_CATEGORY, "data_multi_turn.csv", "Multi Turn Overall Acc"),
    "live": (LIVE_CATEGORY, "data_live.csv", "Live Overall Acc"),
    "non_live": (NON_LIVE_CATEGORY, "data_non_live.csv", "Non-Live Overall Acc"),
}


class Handler(OpenAICompletionsHandler):
    """The package's handler of OpenAI's protocol, pointed at the endpoint."""

    def __init__(self, model_name, temperature, registry_name, is_fc_model, **more):
        super().__init__(model_name, temperature, registry_name, is_fc_model, **more)
        self.model_name_underline_replaced = NAME

    def _build_client_kwargs(self):
        return {"api_key": "none"}  # of a client that is not used

    def generate_with_backoff(self, **asked):
        asked.pop("store", None)  # OpenAI's own; others may refuse it
        return ChatCompletion.construct(**ENDPOINT.answer(asked)), 0.0

    def _parse_query_response_FC(self, api_response):  # noqa: N802 the package's name
        found = super()._parse_query_response_FC(api_response)
        self._add_reasoning_content_if_available_FC(api_response, found)
        return found


def called(text):
    """What one call of a tool gives. The package evaluates whatever a model writes; this calls only the public methods
    of the package's own services, with literals."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call):
        raise SyntaxError("no call of a function")
    if isinstance(call.func, ast.Name):
        raise NameError(f"name '{call.func.id}' is not defined")
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
        raise SyntaxError("no call of a function")
    owner, name = call.func.value.id, call.func.attr
    if not owner.endswith("_instance") or name.startswith("_") or owner not in vars(multi_turn_utils):
        raise NameError(f"name '{owner}' is not defined")
    given = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
    return getattr(vars(multi_turn_utils)[owner], name)(*map(ast.literal_eval, call.args), **given)


def answered(handler, task):
    """As the package's own `multi_threaded_inference` takes what goes wrong with one task: its answer is wrong."""
    try:
        return handler.inference(task, include_input_log=False, exclude_state_log=True)[0]
    except Exception as exc:  # noqa: BLE001
        return f"Error during inference: {exc}"


def asked_all(handler, tasks):
    """The answers by category, each a list of {id, result} in the package's order."""
    found = {category: [] for category in tasks}
    total, done = sum(map(len, tasks.values())), 0
    with ThreadPoolExecutor(JOB["concurrency"]) as pool:
        waiting = {pool.submit(answered, handler, task): (category, task["id"])
                   for category, some in tasks.items() for task in some}  # fmt: skip
        try:
            for future in as_completed(waiting):
                category, name = waiting[future]
                found[category].append({"id": name, "result": future.result()})
                done += 1
                tell(done=done, of=total)
        except Dead:
            pool.shutdown(cancel_futures=True)
            raise
    return {category: sorted(some, key=sort_key) for category, some in found.items()}


def judged(handler, answers):
    """The verdict on each task and the scores, from the files that the package writes."""
    table, scores, items = {}, {}, []
    for category, some in answers.items():
        part = bool(JOB["limit"])
        eval_runner.evaluate_task(category, None, SCORE_PATH, some, NAME, handler, table, allow_missing=part)
        head, *wrong = load_file(find_file_by_category(category, SCORE_PATH / NAME, is_score_file=True))
        scores[category] = head["accuracy"]
        why = {row["id"]: _why(row) for row in wrong}
        items += [[category, row["id"], why.get(row["id"])] for row in some]
    if not JOB["limit"]:
        generate_leaderboard_csv(table, SCORE_PATH)
        for group, (members, file, column) in GROUPS.items():
            if set(members) <= set(answers):
                row = next(csv.DictReader((SCORE_PATH / file).open(encoding="utf-8")))
                scores[f"{group} overall"] = round(float(row[column].rstrip("%")) / 100, 4)
    return {"scores": scores, "items": items}


def _why(row):
    error = row.get("error")
    if isinstance(error, dict):
        return str(error.get("error_message") or error.get("error_type") or "wrong")
    return str(error or row.get("error_type") or "wrong")


def main():
    config = SimpleNamespace(
        model_name=JOB["model"], display_name=JOB["model"].replace(",", " "), url="", org="", license="",
        input_price=None, output_price=None, is_fc_model=True, underscore_to_dot=True,
    )  # fmt: skip
    MODELS.MODEL_CONFIG_MAPPING[NAME] = config
    multi_turn_utils.eval = called
    handler = Handler(JOB["model"], 0.001, NAME, True)
    tasks = {one: load_dataset_entry(one, include_prereq=False)[: JOB["limit"]] for one in JOB["categories"]}
    tell(result=judged(handler, asked_all(handler, tasks)))


if __name__ == "__main__":
    ENDPOINT = Endpoint(JOB)
    try:
        main()
    except Dead as exc:
        tell(dead=str(exc), at=exc.at)

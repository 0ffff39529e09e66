"""Arms trained by TRL: killed and gone on with, the loss where it should be, nothing done twice."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml
from tests.house.files import ROOT
from tests.scaling.pools import rows, written
from tests.scaling.train import MAIN, in_train, needs_training

from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.pipeline import synthesize

pytestmark = [pytest.mark.train, pytest.mark.slow, needs_training]

ARM = {
    "pool": ["pool.jsonl"],
    "seeds": [1],
    "arms": {"quantity": [12], "diversity": [], "code_shares": []},
    "heldout": {"unseen": 3, "seen": 3, "code": 1},
    "model": {"name": "tiny"},
    "training": {
        "budget_tokens": 8050,
        "step_tokens": 1000,
        "checkpoint_steps": 2,
        "keep_weights": True,
        "learning_rate": 3e-3,
    },
}
KILLED = """
import os, pathlib, signal
touch = pathlib.Path.touch
def killed(path, *arguments, **more):
    if path.name == "whole" and path.parent.name == "checkpoint-6":
        os.kill(os.getpid(), signal.SIGKILL)
    touch(path, *arguments, **more)
pathlib.Path.touch = killed
"""
UNTRAINED = """
from tdscaling.scaling import run
def train(*arguments):
    raise AssertionError("trained again")
run.train = train
"""
LEFT = """
from tdscaling.scaling import playing
line, found = playing._line, []
def torn(one):
    found.append(one)
    if len(found) == 4:  # of the arm the second: the untrained model has played two
        raise SystemExit(3)
    return line(one)
playing._line = torn
"""
GREEDY = """
import asyncio, torch, transformers
from pathlib import Path
from tdscaling.config.experiment import TrainedModel
from tdscaling.llm import Request
from tdscaling.scaling.base import open_tokenizer, prepare_base
from tdscaling.scaling.chat import prompt
from tdscaling.scaling.generating import Greedy
from tests.scaling.pools import DIALOGUE
torch.autocast = lambda *how: torch.no_grad()
tokenizer = open_tokenizer(TrainedModel(name="tiny"), Path("made"), lambda: ["some words to learn pairs from"])
base = prepare_base(TrainedModel(name="tiny"), Path("made"), tokenizer)
model = transformers.AutoModelForCausalLM.from_pretrained(base)
passes = []
model.register_forward_hook(lambda *_: passes.append(1))
one = Greedy(model, tokenizer, 40)
for number in (2, 5, 2):
    asked = Request(messages=DIALOGUE.messages[:number], tools=DIALOGUE.tools)
    passes.clear()
    said = asyncio.run(one.complete(asked))
    few = len(passes) < said.usage.completion_tokens / 2
    ids = tokenizer(prompt(asked.messages, asked.tools), add_special_tokens=False, return_tensors="pt")
    whole = model.generate(**ids, max_new_tokens=40, do_sample=False, pad_token_id=0)[0, ids["input_ids"].shape[1] :]
    print(said.content == tokenizer.decode(whole), said.finish, said.usage.completion_tokens, few)
"""
UNSAID = """
from tdscaling.scaling.extra import package
package("trl")
import huggingface_hub.constants as constants
print(constants.HF_HUB_DISABLE_TELEMETRY)
"""
WEIGHTS = """
import sys
from safetensors.torch import load_file
one, other = (load_file(path) for path in sys.argv[1:])
print(one.keys() == other.keys() and all(one[name].equal(other[name]) for name in one))
"""
MASKS = """
import json, sys
from pathlib import Path
from tdscaling.config.experiment import TrainedModel
from tdscaling.export import EXPORTERS, Record
from tdscaling.scaling.base import open_tokenizer
from tdscaling.scaling.chat import written
from tdscaling.scaling.encoding import IGNORED, encoded
from tests.scaling.pools import DIALOGUE
text = written(DIALOGUE)
tokenizer = open_tokenizer(TrainedModel(name="tiny"), Path("none"), lambda: [text.text])
found = encoded(tokenizer, text)
row = EXPORTERS["trl"].record(Record(dialogue=DIALOGUE))
theirs = tokenizer.apply_chat_template(
    row["messages"], tools=json.loads(row["tools"]), return_dict=True, return_assistant_tokens_mask=True
)
ours = [int(label != IGNORED) for label in found.labels(text.trained)]
print(list(found.ids) == list(theirs["input_ids"]), ours == list(theirs["assistant_masks"]), sum(ours) > 20)
"""
GRADIENTS = """
import torch, transformers
from tdscaling.config.experiment import TrainedModel, TrainingSettings
from tdscaling.scaling import training
from tdscaling.scaling.base import open_tokenizer, prepare_base
from pathlib import Path
tokenizer = open_tokenizer(TrainedModel(name="tiny"), Path("made"), lambda: ["some words to learn pairs from"])
base = prepare_base(TrainedModel(name="tiny"), Path("made"), tokenizer)
ids = [list(range(5, 45)), list(range(7, 25)), list(range(9, 70))]
labels = [[-100] * 20 + ids[0][20:], ids[1], [-100] * 50 + ids[2][50:]]
how = TrainingSettings(budget_tokens=100, step_tokens=50, learning_rate=1e-2)
job = training.Job(ids, labels, [[0, 1], [2, 1, 0]], 1)
model = TrainedModel(name="tiny", autocast=False)
def trained(name):
    return training.train(base, tokenizer, model, how, job, Path(name)).model.state_dict()
apart = trained("rows")
training.rows = lambda batch: [batch]
together = trained("padded")
before = transformers.AutoModelForCausalLM.from_pretrained(base).state_dict()
print(max(float((apart[n] - together[n]).abs().max()) for n in apart) < 1e-4)
print(max(float((apart[n] - before[n]).abs().max()) for n in apart) > 1e-3)
"""


def experiment(folder: Path, *, before: str = "", status: int = 0) -> str:
    return in_train(before + MAIN, "experiment", "config.yaml", "-o", "out", "--json", folder=folder, status=status)


def configured(folder: Path) -> Path:
    folder.mkdir()
    written(folder, rows())
    (folder / "config.yaml").write_text(yaml.safe_dump(ARM), encoding="utf-8")
    return folder


@pytest.mark.requirement("scaling.resumed")
def test_an_arm_killed_in_the_middle_ends_with_the_same_weights_and_a_finished_one_is_not_trained_again(
    tmp_path: Path,
) -> None:
    whole, killed = configured(tmp_path / "whole"), configured(tmp_path / "killed")
    expected = json.loads(experiment(whole))
    experiment(killed, before=KILLED, status=-9)
    (arm,) = (killed / "out" / "arms").glob("seed1-*")
    assert not (arm / "result.json").exists()
    assert [path.parent.name for path in arm.glob("checkpoints/*/whole")] == ["checkpoint-4"]
    found = json.loads(experiment(killed))
    assert [{**row, "seconds": 0} for row in found["results"]] == [{**row, "seconds": 0} for row in expected["results"]]
    weights = [str(next(folder.glob("out/arms/seed1-*/weights/model.safetensors"))) for folder in (whole, killed)]
    assert in_train(WEIGHTS, *weights, folder=tmp_path).strip() == "True"
    assert not (arm / "checkpoints").exists()
    assert json.loads(experiment(killed, before=UNTRAINED)) == found
    assert [row["name"] for row in found["results"]] == ["untrained", "n 12, 2 cells"]
    assert found["results"][1]["held_out"]["seen"]["loss"] < found["results"][0]["held_out"]["seen"]["loss"]


@pytest.mark.requirement("scaling.marks")
def test_the_loss_falls_where_the_template_says_that_the_assistant_speaks(tmp_path: Path) -> None:
    assert in_train(MASKS, folder=tmp_path).split() == ["True", "True", "True"]


@pytest.mark.requirement("scaling.trained")
def test_a_step_gathered_row_by_row_is_the_step_of_the_padded_batch(tmp_path: Path) -> None:
    assert in_train(GRADIENTS, folder=tmp_path).split() == ["True", "True"]


@pytest.mark.requirement("scaling.played")
def test_what_a_model_writes_is_what_greedy_decoding_of_the_whole_text_writes(tmp_path: Path) -> None:
    assert in_train(GREEDY, folder=tmp_path).splitlines() == ["True length 40 True"] * 3


@pytest.mark.requirement("scaling.played", "scaling.resumed")
def test_killed_while_a_model_plays_it_goes_on_with_the_next_plan(tmp_path: Path) -> None:
    made = load(ROOT / "experiments" / "wide.yaml", RunConfig, ("trajectories=60", "mixture.code=0"))
    assert asyncio.run(synthesize(made, tmp_path / "run", ROOT / "experiments")).kept == 60
    config = {
        **ARM,
        "pool": ["run"],
        "arms": {"quantity": [8], "few_cells": 8, "diversity": [], "code_shares": []},
        "heldout": {"unseen": 2, "seen": 2, "code": 0},
        "model": {"name": "tiny", "max_length": 9000},
        "training": {"budget_tokens": 60_000, "step_tokens": 20_000, "learning_rate": 3e-3},
        "evaluation": {"episodes": 2, "answer_tokens": 8, "steps_per_turn": 2},
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    experiment(tmp_path, before=LEFT, status=3)
    (arm,) = (tmp_path / "out" / "arms").glob("seed1-*")
    (path,) = arm.glob("played-*")
    first = path.read_text(encoding="utf-8")
    assert first.count("\n") == 1
    found = json.loads(experiment(tmp_path))
    assert [row["played"] for row in found["results"]] == [{"unseen": [0, 2]}] * 2
    assert path.read_text(encoding="utf-8").startswith(first)
    assert path.read_text(encoding="utf-8").count("\n") == 2
    assert json.loads(experiment(tmp_path, before=UNTRAINED)) == found


def test_nobody_is_told_that_something_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    assert in_train(UNSAID, folder=tmp_path).strip() == "True"

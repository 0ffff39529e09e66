"""The experiment: every arm of every seed trained and measured, one after the other; killed, it goes on."""

import gc
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tdscaling.config.experiment import ExperimentConfig
from tdscaling.scaling.arms import Arm
from tdscaling.scaling.base import open_tokenizer, prepare_base
from tdscaling.scaling.chat import written
from tdscaling.scaling.encoding import encoded
from tdscaling.scaling.extra import package
from tdscaling.scaling.heldout import Split
from tdscaling.scaling.plan import prepared
from tdscaling.scaling.pool import texts
from tdscaling.scaling.results import BASE, Result, claim, key_of, load, save
from tdscaling.scaling.scoring import Score, scored
from tdscaling.scaling.training import Job, train

Say: TypeAlias = Callable[[str, float], None]
"""Called as it goes on: what is under way, and the share of all that is done."""


@dataclass(frozen=True, slots=True)
class _Setting:
    config: ExperimentConfig
    folder: Path
    base: Path | str
    tokenizer: Any
    held: Split


def run(config: ExperimentConfig, pools: Sequence[Path], start: Path, folder: Path, say: Say) -> list[Result]:
    """The untrained model's result, then that of every arm by seed. Relative paths of the config begin at `start`.

    Raises ConfigError where the extra is missing or the folder is another experiment's, DataError.
    """
    package("trl")
    package("transformers").utils.logging.disable_progress_bar()
    say("the model", 0.0)
    tokenizer = open_tokenizer(config.model, folder, lambda: texts(pools))
    base = prepare_base(config.model, folder, tokenizer)
    plan, held = prepared(config, pools, start, folder)
    claim(folder, config, held)
    setting = _Setting(config, folder, base, tokenizer, held)
    results = [_untrained(setting)]
    for place, arm in enumerate(plan.arms):
        say(f"seed {arm.seed}, {arm.design.name}", place / len(plan.arms))
        results.append(_result(setting, arm))
        gc.collect()  # a trainer and its model hold each other
    return results


def _untrained(setting: _Setting) -> Result:
    place = setting.folder / "arms" / BASE
    known = load(place)
    if known is not None:
        return known
    torch = package("torch")
    model = package("transformers").AutoModelForCausalLM.from_pretrained(setting.base, dtype=torch.float32)
    if torch.cuda.is_available():
        model = model.to("cuda")
    result = _whole(None, scored(model, setting.tokenizer, setting.held), None, 0.0)
    save(place, result)
    return result


def _result(setting: _Setting, arm: Arm) -> Result:
    """The arm's result, from the disk or made now; its checkpoints go once it is there."""
    config = setting.config
    place = setting.folder / "arms" / key_of(arm, config)
    known = load(place)
    if known is not None:
        return known
    found = [(text, encoded(setting.tokenizer, text)) for text in (written(one.dialogue) for one in arm.samples)]
    job = Job(
        ids=[one.ids for _, one in found],
        labels=[one.labels(text.trained) for text, one in found],
        steps=arm.schedule.steps,
        seed=arm.seed,
    )
    checkpoints = place / "checkpoints"
    trained = train(setting.base, setting.tokenizer, config.model, config.training, job, checkpoints)
    result = _whole(arm, scored(trained.model, setting.tokenizer, setting.held), trained.loss, trained.seconds)
    if config.training.keep_weights:
        trained.model.save_pretrained(place / "weights")
        setting.tokenizer.save_pretrained(place / "weights")
    save(place, result)
    shutil.rmtree(checkpoints, ignore_errors=True)
    return result


def _whole(arm: Arm | None, scores: Sequence[Score], loss: float | None, seconds: float) -> Result:
    return Result(
        name=arm.design.name if arm else BASE,
        axes=arm.design.axes if arm else (),
        seed=arm.seed if arm else 0,
        n=len(arm.samples) if arm else 0,
        kinds=arm.design.kinds if arm else 0,
        share=arm.design.share if arm else 0.0,
        tokens=arm.schedule.tokens if arm else 0,
        steps=len(arm.schedule.steps) if arm else 0,
        passes=arm.passes if arm else 0.0,
        cells=arm.cells if arm else 0,
        loss=loss,
        seconds=seconds,
        scores=tuple(scores),
    )

"""The experiment: every arm of every seed trained and measured, one after the other; killed, it goes on."""

import gc
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from tdscaling.config.experiment import ExperimentConfig
from tdscaling.scaling.arms import Arm
from tdscaling.scaling.base import open_tokenizer, prepare_base
from tdscaling.scaling.chat import written
from tdscaling.scaling.encoding import encoded
from tdscaling.scaling.extra import package
from tdscaling.scaling.generating import Greedy
from tdscaling.scaling.heldout import Split, save_held
from tdscaling.scaling.memory import kept
from tdscaling.scaling.plan import prepared
from tdscaling.scaling.playing import Stage, play, played_in, wanted
from tdscaling.scaling.pool import texts
from tdscaling.scaling.results import BASE, Result, claim, key_of, level, load, place_on, save
from tdscaling.scaling.scoring import Score, scored
from tdscaling.scaling.training import Job, Trained, train

Say: TypeAlias = Callable[[str, float], None]
"""Called as it goes on: what is under way, and the share of all that is done."""


@dataclass(frozen=True, slots=True)
class _Setting:
    config: ExperimentConfig
    folder: Path
    base: Path | str
    tokenizer: Any
    held: Split
    stage: Stage
    played: Mapping[str, str]


def run(
    config: ExperimentConfig, pools: Sequence[Path], start: Path, folder: Path, stage: Stage, say: Say
) -> list[Result]:
    """The untrained model's result, then that of every arm by seed. Relative paths of the config begin at `start`.

    Raises ConfigError where the extra is missing or the folder is another experiment's, DataError.
    """
    package("trl")
    package("transformers").utils.logging.disable_progress_bar()
    say("the model", 0.0)
    tokenizer = open_tokenizer(config.model, folder, lambda: texts(pools))
    base = prepare_base(config.model, folder, tokenizer)
    plan, held = prepared(config, pools, start, folder)
    played = wanted(held, config.evaluation, stage)
    claim(folder, config, held)
    save_held(held, folder)
    setting = _Setting(config, folder, base, tokenizer, held, stage, played)
    for arm in plan.arms:
        place_on(arm.design.axes, folder / "arms" / key_of(arm, config))
    say("the untrained model", 0.0)
    results = [_measured(setting, None, folder / "arms" / BASE)]
    for place, arm in enumerate(plan.arms):
        say(f"seed {arm.seed}, {arm.design.name}", place / len(plan.arms))
        results.append(_measured(setting, arm, folder / "arms" / key_of(arm, config)))
        gc.collect()  # a trainer and its model hold each other
    return level(results)


def _measured(setting: _Setting, arm: Arm | None, place: Path) -> Result:
    """The arm's result, from the disk or made now; its checkpoints go once all of it is there. An arm that was done
    and is to play more is read, or trained again where its weights were not kept: they come out the same."""
    settings = setting.config.evaluation
    known = load(place)
    if known is None or setting.played.keys() - played_in(place, settings).keys():
        opened = _trained(setting, arm, place) if arm and not _kept(place, known) else _opened(setting, arm, place)
        if known is None:
            known = _whole(arm, scored(opened.model, setting.tokenizer, setting.held), opened.loss, opened.seconds)
            if arm and setting.config.training.keep_weights:
                opened.model.save_pretrained(place / "weights")
                setting.tokenizer.save_pretrained(place / "weights")
            save(place, known)
        writer = Greedy(opened.model, setting.tokenizer, settings.answer_tokens)
        play(setting.stage, setting.played, writer, place, settings)
    shutil.rmtree(place / "checkpoints", ignore_errors=True)
    rows = played_in(place, settings)
    return replace(known, played=tuple(rows[name] for name in setting.played))


def _kept(place: Path, known: Result | None) -> bool:
    return known is not None and (place / "weights").is_dir()


def _opened(setting: _Setting, arm: Arm | None, place: Path) -> Trained:
    """The untrained model, or an arm's weights that were kept."""
    torch = package("torch")
    source = place / "weights" if arm else setting.base
    kind = getattr(torch, setting.config.model.weights)
    model = package("transformers").AutoModelForCausalLM.from_pretrained(source, dtype=kind)
    return Trained(model.to("cuda") if torch.cuda.is_available() else model, None, 0.0)


def _trained(setting: _Setting, arm: Arm, place: Path) -> Trained:
    config = setting.config
    found = [(text, encoded(setting.tokenizer, text)) for text in (written(one.dialogue) for one in arm.samples)]
    job = Job(
        ids=[one.ids for _, one in found],
        labels=[one.labels(text.trained) for text, one in found],
        steps=arm.schedule.steps,
        seed=arm.seed,
    )
    with kept():
        return train(setting.base, setting.tokenizer, config.model, config.training, job, place / "checkpoints")


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

"""What an experiment would do, before anything is trained: every arm with its tokens, and the time of all."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tdscaling.config.experiment import ExperimentConfig
from tdscaling.scaling.arms import Arm, Drawing, designs
from tdscaling.scaling.base import token_counter
from tdscaling.scaling.heldout import Split, refuse_given, split
from tdscaling.scaling.pool import read_pool, texts
from tdscaling.scaling.schedule import UnmatchedError
from tdscaling.types import JsonObject

ATTEMPTS = 30
"""Draws of a seed that are tried until the tokens of all its arms can be matched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All arms by seed, the seconds that one takes, and those of all together."""

    arms: tuple[Arm, ...]
    counted_by: str
    seconds_per_arm: float

    @property
    def seconds(self) -> float:
        return self.seconds_per_arm * len(self.arms)

    @property
    def spread(self) -> float:
        """How far the tokens of two arms are apart, as a share of the larger."""
        tokens = [arm.schedule.tokens for arm in self.arms]
        return 1 - min(tokens) / max(tokens)


def prepared(config: ExperimentConfig, pools: Sequence[Path], base: Path, folder: Path) -> tuple[Plan, Split]:
    """The plan and what is held out, from the pools. `base` is where a relative path of the config starts, `folder`
    is the experiment's.

    Raises ConfigError and DataError, each of one line, for whatever can't be made or would not be comparable.
    """
    count, counted_by = token_counter(config.model, folder, lambda: texts(pools))
    pool = read_pool(pools, count, config.model.max_length)
    if config.heldout.given:
        refuse_given(pool.samples, base / config.heldout.given, config.heldout.ngram)
    found = split(pool.samples, config.heldout)
    return planned(config, found, counted_by), found


def planned(config: ExperimentConfig, found: Split, counted_by: str) -> Plan:
    """The arms of every seed. Raises DataError for the first that can't be made."""
    arms: list[Arm] = []
    for seed in config.seeds:
        arms += _of_seed(config, found, seed)
    speed, wanted = config.speed, config.evaluation
    scored = sum(one.tokens for one in found.held)
    seconds = config.training.budget_tokens / speed.train + scored / speed.score
    seconds += (wanted.episodes + wanted.code_tasks) * speed.episode
    return Plan(arms=tuple(arms), counted_by=counted_by, seconds_per_arm=seconds)


def _of_seed(config: ExperimentConfig, found: Split, seed: int) -> list[Arm]:
    """All arms of a seed, from the first draw of which every one can be matched."""
    drawing = partial(Drawing, found.training, config.arms, config.training, seed)
    wanted, last = designs(config.arms), ATTEMPTS - 1
    for attempt in range(last):
        with suppress(UnmatchedError):
            return [drawing(attempt).arm(design) for design in wanted]
    return [drawing(last).arm(design) for design in wanted]


def as_json(plan: Plan, found: Split) -> JsonObject:
    """The plan for machines."""
    return {
        "tokens_counted_by": plan.counted_by,
        "held_out": {name: len(group) for name, group in _groups(found)},
        "unseen_services": list(found.services),
        "left_out": {"touching_unseen_services": found.touching, "overlapping": found.overlapping},
        "to_train_on": len(found.training),
        "tokens_apart": plan.spread,
        "seconds": plan.seconds,
        "arms": [arm_json(arm) for arm in plan.arms],
    }


def arm_json(arm: Arm) -> JsonObject:
    """One arm in figures."""
    return {
        "name": arm.design.name,
        "axes": list(arm.design.axes),
        "seed": arm.seed,
        "trajectories": len(arm.samples),
        "cells": arm.cells,
        "tokens": arm.schedule.tokens,
        "passes": arm.passes,
        "steps": len(arm.schedule.steps),
        "code_share": arm.code,
    }


def _groups(found: Split) -> Sequence[tuple[str, Sequence[object]]]:
    return (("unseen", found.unseen), ("seen", found.seen), ("code", found.code))

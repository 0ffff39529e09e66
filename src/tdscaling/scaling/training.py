"""One arm trained with TRL's SFTTrainer, on a CPU or on GPUs; killed, it goes on from its last whole checkpoint."""

import math
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdscaling.config.experiment import TrainedModel, TrainingSettings
from tdscaling.errors import DataError, one_line
from tdscaling.scaling.extra import package

WHOLE = "whole"
"""A file that a checkpoint gets when all else of it is written."""
COPIES = 10
"""Sizes of the weights that must be free: three checkpoints with both moments of Adam, and what is kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is trained: tokens and labels of each sample, and the places of those in each step."""

    ids: Sequence[Sequence[int]]
    labels: Sequence[Sequence[int]]
    steps: Sequence[Sequence[int]]
    seed: int


@dataclass(frozen=True, slots=True)
class Trained:
    """The model, the mean loss of all steps, None where none was made, and the seconds since training was begun or
    last gone on with."""

    model: Any
    loss: float | None
    seconds: float


def train(
    base: Path | str, tokenizer: Any, model: TrainedModel, how: TrainingSettings, job: Job, folder: Path
) -> Trained:
    """The trained model, in memory; its checkpoints are in `folder`. Raises DataError for want of room."""
    transformers, torch = package("transformers"), package("torch")
    transformers.set_seed(job.seed)
    weights = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, model.weights))
    size = sum(one.numel() * one.element_size() for one in weights.parameters())
    trained_size = size if model.method == "full" else size // 50
    refuse_full_disk(folder, COPIES * trained_size)
    trainer = _trainer(weights, tokenizer, model, how, job, folder)
    last = last_whole(folder)
    with _room_named(folder, trained_size):
        done = trainer.train(resume_from_checkpoint=str(last) if last else None)
    losses = [float(row["loss"]) for row in trainer.state.log_history if "loss" in row]
    return Trained(trainer.model, math.fsum(losses) / len(losses), float(done.metrics["train_runtime"]))


def refuse_full_disk(folder: Path, needed: int) -> None:
    """Raises DataError where the checkpoints would not fit."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            f"checkpoints need {needed / 1e6:.0f} MB and {folder} has {free / 1e6:.0f} MB free: make room or name "
            f"another folder"
        )


@contextmanager
def _room_named(folder: Path, size: int) -> Generator[None]:
    """A checkpoint that can't be written where less than one fits becomes a DataError that says so; what writes it has
    errors of its own for that."""
    try:
        yield
    except (OSError, RuntimeError, package("safetensors").SafetensorError) as exc:
        if shutil.disk_usage(folder).free >= 3 * size:
            raise
        raise DataError(f"{folder} ran full: make room, and the same command goes on ({one_line(exc)})") from exc


def last_whole(folder: Path) -> Path | None:
    """The last checkpoint that was written to its end; those that were not are removed."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    whole = [path for path in found if (path / WHOLE).is_file()]
    for path in found:
        if path not in whole:
            shutil.rmtree(path)
    return whole[-1] if whole else None


def _trainer(weights: Any, tokenizer: Any, model: TrainedModel, how: TrainingSettings, job: Job, folder: Path) -> Any:
    trl, datasets, torch = package("trl"), package("datasets"), package("torch")
    cpu = not torch.cuda.is_available()
    arguments = trl.SFTConfig(
        output_dir=str(folder),
        max_steps=len(job.steps),
        learning_rate=how.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(how.warmup * len(job.steps)),
        save_strategy="steps",
        save_steps=how.checkpoint_steps,
        save_total_limit=2,
        logging_steps=1,
        per_device_train_batch_size=1,
        max_length=None,
        packing=False,
        activation_checkpointing=not cpu,
        bf16=model.autocast and model.weights == "float32",
        use_cpu=cpu,
        seed=job.seed,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    rows = datasets.Dataset.from_dict({"input_ids": list(job.ids), "labels": list(job.labels)})
    made = _scheduled(trl, torch, job)(
        model=weights,
        args=arguments,
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=_adapters(model),
    )
    made.remove_callback(package("transformers").trainer_callback.PrinterCallback)
    made.add_callback(_marking(package("transformers"))())
    return made


def _adapters(model: TrainedModel) -> Any:
    if model.method == "full":
        return None
    return package("peft").LoraConfig(r=model.lora_rank, lora_alpha=2 * model.lora_rank, task_type="CAUSAL_LM",
                                      target_modules="all-linear")  # fmt: skip


def _scheduled(trl: Any, torch: Any, job: Job) -> Any:
    """SFTTrainer whose batches are the steps of the schedule: as many tokens each, not as many rows. The gradient of a
    step is gathered row by row, so that no padding is computed; it is the same gradient."""

    def batches(self: Any) -> Any:
        loader = torch.utils.data.DataLoader(
            self.train_dataset, batch_sampler=[list(step) for step in job.steps], collate_fn=self.data_collator
        )
        return self.accelerator.prepare(loader)

    class Scheduled(trl.SFTTrainer):
        get_train_dataloader = batches

        def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
            step: Any = trl.SFTTrainer.training_step
            return sum(step(self, model, row, num_items_in_batch) for row in rows(inputs))

    return Scheduled


def rows(batch: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each row of a padded batch as a batch of its own without padding."""
    lengths: list[int] = batch["attention_mask"].sum(1).tolist()
    for place, length in enumerate(lengths):
        yield {name: values[place : place + 1, :length] for name, values in batch.items()}


def _marking(transformers: Any) -> Any:
    """A callback that marks a checkpoint once all of it is on the disk."""

    def on_save(self: Any, args: Any, state: Any, control: Any, **more: object) -> None:
        (Path(args.output_dir) / f"checkpoint-{state.global_step}" / WHOLE).touch()

    return type("Marking", (transformers.TrainerCallback,), {"on_save": on_save})

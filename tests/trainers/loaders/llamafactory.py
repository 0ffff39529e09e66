"""Run by the environment of LLaMA-Factory: its own loader and processor. FOLDER TOKENIZER OUT KIND"""

import json
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path

try:
    import torchaudio  # noqa: F401
except (ImportError, OSError):  # torch without CUDA has none; LLaMA-Factory imports it, and no text data set uses it
    sys.modules["torchaudio"] = module_from_spec(ModuleSpec("torchaudio", None))

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from transformers import AutoTokenizer

rows, tokenizer_folder, out, kind = sys.argv[1:]
folder = Path(rows).parent
name = next(iter(json.loads((folder / "dataset_info.json").read_text())))
model_args, data_args, training_args, _, _ = get_train_args(
    {
        "model_name_or_path": tokenizer_folder,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "full",
        "dataset_dir": str(folder),
        "dataset": name,
        "template": "qwen",
        "cutoff_len": 1 << 20,
        "mask_history": kind == "turns",
        "output_dir": f"{out}.run",
        "use_cpu": True,
        "report_to": "none",
    }
)
tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
template = get_template_and_fix_tokenizer(tokenizer, data_args)
data = get_dataset(template, model_args, data_args, training_args, stage="sft", tokenizer=tokenizer)["train_dataset"]
with Path(out).open("w") as lines:
    for row in data:
        lines.write(json.dumps({name: row[name] for name in ("input_ids", "labels")}) + "\n")

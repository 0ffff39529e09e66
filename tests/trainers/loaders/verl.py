"""Run by the environment of verl: its MultiTurnSFTDataset, or the class of a file. ROWS TOKENIZER OUT CLASS"""

import json
import sys
from pathlib import Path

from omegaconf import OmegaConf
from transformers import AutoTokenizer
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset
from verl.utils.import_utils import load_extern_object

rows, tokenizer_folder, out, kind = sys.argv[1:]
dataset = load_extern_object(kind, "MarkedDataset") if kind != "all" else MultiTurnSFTDataset
tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
config = OmegaConf.create({"max_length": 1 << 20, "pad_mode": "no_padding", "truncation": "error"})
data = dataset(parquet_files=[rows], tokenizer=tokenizer, config=config)
with Path(out).open("w") as lines:
    for number in range(len(data)):
        row = data[number]
        labels = [
            token if mask else -100
            for token, mask in zip(row["input_ids"].tolist(), row["loss_mask"].tolist(), strict=True)
        ]
        lines.write(json.dumps({"input_ids": row["input_ids"].tolist(), "labels": labels}) + "\n")

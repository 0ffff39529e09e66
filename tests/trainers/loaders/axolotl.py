"""Run by the environment of axolotl: its loader of data sets, `type: chat_template`. ROWS TOKENIZER OUT KIND"""

import json
import sys
from pathlib import Path

from axolotl.utils.data.sft import prepare_datasets
from axolotl.utils.dict import DictDefault
from transformers import AutoTokenizer


def main() -> None:
    rows, tokenizer_folder, out, _ = sys.argv[1:]
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    described = {
        "path": rows,
        "ds_type": "parquet" if rows.endswith("parquet") else "json",
        "type": "chat_template",
        "split": "train",
        "field_messages": "messages",
        "message_field_training": "train",
    }
    config = DictDefault(
        {
            "datasets": [described],
            "dataset_prepared_path": f"{out}.prepared",
            "sequence_len": 1 << 20,
            "tokenizer_config": tokenizer_folder,
            "train_on_inputs": False,
            "shuffle_merged_datasets": False,
            "dataset_num_proc": 1,
            "num_epochs": 1,
            "val_set_size": 0.0,
            "max_steps": 1,
            "micro_batch_size": 1,
            "gradient_accumulation_steps": 1,
            "batch_size": 1,
            "world_size": 1,
            "seed": 1,
        }
    )
    data = prepare_datasets(config, tokenizer)[0]
    with Path(out).open("w") as lines:
        for row in data:
            lines.write(json.dumps({name: row[name] for name in ("input_ids", "labels")}) + "\n")


if __name__ == "__main__":  # axolotl starts processes of its own, which read this file again
    main()

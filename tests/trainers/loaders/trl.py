"""Run by the environment of TRL: SFTTrainer and DPOTrainer prepare a data set. ROWS TOKENIZER OUT KIND"""

import json
import sys
from pathlib import Path

import datasets
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

rows, tokenizer_folder, out, kind = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
if kind == "its-template":
    from trl.chat_template_utils import qwen2_5_chat_template

    tokenizer.chat_template = qwen2_5_chat_template
elif kind != "pairs":
    tokenizer.chat_template = Path(rows).with_name("chat_template.jinja").read_text()
shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=1 << 17, **shape))
data = datasets.load_dataset("parquet" if rows.endswith("parquet") else "json", data_files=rows, split="train")
given = {"output_dir": f"{out}.run", "use_cpu": True, "bf16": False, "report_to": [], "max_length": None}
if kind == "pairs":
    reference = LlamaForCausalLM(model.config)
    trainer = DPOTrainer(model, reference, args=DPOConfig(**given), train_dataset=data, processing_class=tokenizer)
else:
    config = SFTConfig(assistant_only_loss=True, **given)
    trainer = SFTTrainer(model, args=config, train_dataset=data, processing_class=tokenizer)
with Path(out).open("w") as lines:
    for row in trainer.train_dataset:
        if kind == "pairs":
            found = {name: row[name] for name in ("prompt_ids", "chosen_ids", "rejected_ids")}
        else:
            found = trainer.data_collator([row])
            found = {name: found[name][0].tolist() for name in ("input_ids", "labels")}
        lines.write(json.dumps(found) + "\n")

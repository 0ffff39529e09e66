"""Run by the environment of ms-swift: its loader, and its template as `swift sft` uses it. ROWS TOKENIZER OUT KIND"""

import json
import sys
from pathlib import Path

from swift.dataset import load_dataset
from swift.model import get_processor
from swift.template import get_template

rows, tokenizer_folder, out, _ = sys.argv[1:]
processor = get_processor(tokenizer_folder, model_type="qwen2")
template = get_template(processor, template_type="qwen2_5", agent_template="hermes", max_length=1 << 20)
template.set_mode("train")
data, _ = load_dataset([rows], load_from_cache_file=False)
with Path(out).open("w") as lines:
    for row in data:
        found = template.encode(row)
        lines.write(json.dumps({name: found[name] for name in ("input_ids", "labels")}) + "\n")

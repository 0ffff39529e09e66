"""The model that every arm starts from, and its tokenizer: fetched or made once, kept in the experiment's folder."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tdscaling.config.experiment import TrainedModel
from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.llm.local import packaged_model
from tdscaling.scaling.chat import END, START, template
from tdscaling.scaling.extra import installed, package
from tdscaling.selection.tokens import BYTES_PER_TOKEN, Counter, approximate

PACKAGED = "smollm2-135m"
TINY = "tiny"
VOCABULARY = 1_500
Texts = Callable[[], Iterable[str]]


def token_counter(model: TrainedModel, folder: Path, texts: Texts) -> tuple[Counter, str]:
    """A counter and its name: the model's tokenizer, or an approximation that is good for a plan only, where the extra
    is not installed. `texts` are what a tiny model's tokenizer is made from. Raises ConfigError."""
    if not installed():
        return approximate, f"UTF-8 bytes / {BYTES_PER_TOKEN} (an approximation, for planning; make train counts)"
    tokenizer = open_tokenizer(model, folder, texts)
    return lambda text: len(tokenizer(text, add_special_tokens=False)["input_ids"]), f"the tokenizer of {model.name}"


def open_tokenizer(model: TrainedModel, folder: Path, texts: Texts) -> Any:
    """The tokenizer of the base, with the template that the arms are trained on. Raises ConfigError."""
    auto: Any = package("transformers").AutoTokenizer
    base = folder / "base"
    if (base / "tokenizer.json").is_file():
        tokenizer = auto.from_pretrained(base)
    elif model.name == TINY:
        tokenizer = _made(texts)
    else:
        tokenizer = _from_pretrained(auto, model)
    tokenizer.chat_template = template()
    return tokenizer


def prepare_base(model: TrainedModel, folder: Path, tokenizer: Any) -> Path | str:
    """Where the weights and the tokenizer of the base are; made in a folder of another name and moved when whole."""
    base = folder / "base"
    if (base / "config.json").is_file():
        return base
    if model.name not in (PACKAGED, TINY):
        return model.name
    made = _tiny(tokenizer) if model.name == TINY else _dequantised(model)
    part = folder / ".base.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        made.save_pretrained(part)
        tokenizer.save_pretrained(part)
        part.replace(base)
    except OSError as exc:
        raise DataError(f"{base} can't be written ({one_line(exc)}): make room there or name another folder") from exc
    return base


def _from_pretrained(auto: Any, model: TrainedModel, **more: object) -> Any:
    """Of the packaged weights, a folder, or a name on the hub."""
    named: dict[str, object] = {"pretrained_model_name_or_path": model.name}
    if model.name == PACKAGED:
        weights = packaged_model()
        named = {"pretrained_model_name_or_path": str(weights.parent), "gguf_file": weights.name}
    try:
        return auto.from_pretrained(**named, **more)
    except (OSError, ValueError) as exc:
        raise ConfigError(f"model {model.name!r} can't be loaded: {one_line(exc)}") from exc


def _dequantised(model: TrainedModel) -> Any:
    """The packaged weights as an ordinary model: one that came from a GGUF file refuses to be saved."""
    torch, transformers = package("torch"), package("transformers")
    loaded = _from_pretrained(transformers.AutoModelForCausalLM, model, dtype=torch.float32)
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    made = transformers.AutoModelForCausalLM.from_config(config)
    made.load_state_dict(loaded.state_dict())
    return made


def _tiny(tokenizer: Any) -> Any:
    """A Llama of about half a million weights, the same each time."""
    transformers = package("transformers")
    transformers.set_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=8192,
        bos_token_id=tokenizer.convert_tokens_to_ids(START),
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        pad_token_id=tokenizer.convert_tokens_to_ids(END),
        tie_word_embeddings=True,
    )
    return transformers.LlamaForCausalLM(config)


def _made(texts: Texts) -> Any:
    """Byte-level pairs learned from the pool."""
    tokenizers, transformers = package("tokenizers"), package("transformers")
    raw = tokenizers.Tokenizer(tokenizers.models.BPE())
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[START, END],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(list(texts()), trainer)  # read here: it asks from threads of its own
    return transformers.PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=END, pad_token=END)

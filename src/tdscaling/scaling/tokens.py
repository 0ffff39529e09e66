"""How many tokens a text has for the model that is trained."""

from pathlib import Path

from tdscaling.config.experiment import TrainedModel
from tdscaling.selection.tokens import BYTES_PER_TOKEN, Counter, approximate, counter


def token_counter(model: TrainedModel) -> tuple[Counter, str]:
    """A counter and its name: the tokenizer in the model's folder, or an approximation that is good for a plan only.
    Raises ConfigError."""
    folder = Path(model.name)
    if (folder / "tokenizer.json").is_file():
        return counter(folder)
    return approximate, f"UTF-8 bytes / {BYTES_PER_TOKEN} (an approximation, for planning)"

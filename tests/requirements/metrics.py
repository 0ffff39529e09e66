"""What the metrics and `measure` promise."""

PROMISES: dict[str, str] = {
    "modes": "All twelve modes are detected, with precision and recall of 0.9 on hand-labelled dialogues.",
    "tolerant": "Missing ids, missing tools and unanswered calls don't stop a detector.",
    "primary": "The primary mode is the planned one when confirmed, else the first in the order, else none.",
    "entropy": "Entropy lies in [0, log k] and its normalised value in [0, 1].",
    "complexity": "CAC is the sum of c(a_t) with the weights of the definitions, and bands double.",
    "vendi": "The Vendi score lies in [1, n].",
    "duplicates": "Near-duplicates reach a Jaccard of 0.8 over calls and user words; those seen can be restored.",
    "summary": "The summary of a data set is that of its parts merged.",
    "bad_rows": "Bad rows are named by number and reason, the rest is measured, and the rows are counted.",
    "empty": "An empty data set is one clear line.",
    "foreign": "A foreign data set without domains is measured with domains derived from its tools.",
    "processes": "Several processes give the figures of one: bad rows, domains and near-duplicates included.",
    "sources": "A run folder, JSON Lines, packed or not, and Parquet are measured alike.",
    "none_share": "The share of trajectories in which no mode is detected is told.",
    "json": "measure prints a table, and all of it as JSON.",
    "nested": "Each call that code makes counts as an action, by the chain of values that reaches it.",
    "shapes": "Public shapes are measured alike, also mixed in one folder, bad rows named by their number.",
    "on_disk": "Datasets that Hugging Face saved on disk are read, without what lies beside them.",
    "nulls": "Nulls that Arrow fills into nested objects are no values.",
}

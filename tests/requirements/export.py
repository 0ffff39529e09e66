"""What the exports and the readers of data sets promise."""

PROMISES: dict[str, str] = {
    "round_trip": "Export then parse keeps the words of every message, every call, argument and tool, in every format.",
    "parquet": "Parquet keeps arguments and tools exactly: nothing is filled with nulls.",
    "prompt": "Every record keeps the system prompt and the tools.",
    "dict_arguments": "Arguments are exported as objects where the trainer would encode a string twice.",
    "pairs": "A near miss and a kept rollout of one plan make a preference pair that parts at the assistant's message.",
    "marks": "Wrong and redundant messages carry the format's mark that keeps the loss off them.",
    "metadata": "Every record keeps id, domain, mode, band, CAC and servers in columns trainers ignore.",
    "alternation": "ShareGPT records alternate strictly, parallel calls as one list and their results as one turn.",
    "text_beside_calls": "Text beside calls survives in every format.",
    "refused": "A dialogue that a format can't hold is skipped with the reason, never bent in silence.",
    "left_out": "What formats change and leave out is documented, and rows with joined messages are counted.",
    "atomic": "An export is there whole or not at all.",
    "foreign": "Data sets of the known public shapes are read as dialogues.",
    "bad_row": "A bad row gives its number and the reason, the rest goes on.",
    "card": "An export comes with a card: statistics, licence, provenance, funnel, limits.",
    "llama_factory": "A ShareGPT export comes with a dataset_info.json that keeps foreign entries.",
    "trainers": "Each trainer's own loader gets every message, call, argument, tool and loss mark of an export.",
    "turns": "A row for each message that is trained ends with it, for trainers without loss by message.",
    "companions": "What a trainer wants beside the data is written there: dataset_info.json, a chat template.",
    "command": "`tdscaling export` writes run folders and converts data sets; rejected trajectories only on demand.",
}

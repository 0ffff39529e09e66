"""What the pages over a run promise."""

PROMISES: dict[str, str] = {
    "all": "Every item that ended is found by its line of the funnel and shown: dialogue, checks, reason, plan, cost.",
    "escaped": "No text of a run becomes markup, and the pages' policy lets no script run.",
    "here": "The pages are for this machine alone, also against a page elsewhere whose name points here.",
    "reads": "Nothing is written into the run, which may be under way.",
    "refused": "No run, a taken port, an unknown item and a run that was taken away are each said in one line.",
    "command": "The command says where the pages are, and ends at an interrupt or SIGTERM.",
}

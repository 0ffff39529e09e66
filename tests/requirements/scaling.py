"""What the fixed-budget experiment promises."""

PROMISES: dict[str, str] = {
    "arms": "Arms grow in number within few cells, in cells, services or modes at one number, and in their code share.",
    "equal_tokens": "Every arm processes the same tokens to within 1 %, in as many steps, or is refused.",
    "seeded": "The same seed draws the same arms from the same pool.",
    "held_out": "Unseen services, new tasks of seen ones and code tasks share nothing with what is trained on.",
    "overlap": "A held-out set that overlaps is refused, and the trajectory named.",
    "refused": "A pool too small, and arms that can't be matched, are refused in one line.",
    "marks": "The loss falls on assistant messages alone, and not on those marked redundant or wrong.",
    "actions": "Each call and each answer is found in the text that is trained on.",
    "template": "The chat template that goes with the weights writes the text that was trained on.",
    "trained": "A step of training is the mean over the tokens of all its rows.",
    "resumed": "Killed in an arm, the experiment ends with the same result; a finished arm is not trained again.",
    "claimed": "A folder is gone on with more arms and seeds, and refused with another pool, held-out set or training.",
    "scores": "Next-action accuracy counts calls of the right tool, calls right in every argument, and answers.",
    "intervals": "Every figure has an interval over seeds and dialogues; arms are compared dialogue by dialogue.",
    "curve": "A saturating curve is fitted to each axis of three arms or more; one without a bend is said to be so.",
    "verdict": "The verdict falls as the scores do, either way or neither, and is none with fewer than three seeds.",
    "report": "The report is Markdown with pictures and one HTML page, also while arms are missing.",
    "room": "Where checkpoints would not fit, or packages are missing, one line says so before anything is trained.",
    "smoke": "All of it can be tried in small, with a tiny model.",
    "plan": "A plan tells every arm, its tokens and the time of all, and trains nothing.",
}

"""What selection under a budget promises."""

PROMISES: dict[str, str] = {
    "objective": "F is the weighted sum of log(1 + count) over features, as definitions.md has it.",
    "budget": "What is chosen never costs more than the budget.",
    "plain_greedy": "Falling thresholds reach what the plain greedy reaches.",
    "exhaustive": "On small cases at least 0.63 of the best of all selections is reached.",
    "bound": "No selection of the budget is worth more than the bound that is reported.",
    "beats_random": "A selection is worth more than a random part of the same budget.",
    "seeded": "The same seed gives the same bytes.",
    "must_never": "Ids that must be in are in, or it is told why not; ids that must not be are not; unknown are named.",
    "stratified": "Each value of a stratified family gets its share of the budget first.",
    "refused": "Rows that the wanted format can't hold leave the pool before anything is chosen, and are told.",
    "decontaminated": "A dialogue that shares a run of words with an excluded text is not chosen.",
    "benchmarks": "An installed benchmark goes by its name; one that is not installed is told how to be.",
    "tokens": "Tokens are those of the given tokenizer, or a stated approximation.",
    "card": "The card beside the data says what was chosen and why.",
    "bad_input": "Nothing to choose, no room for one dialogue, bad rows and identical rows are told in one line.",
    "any_shape": "A run or a data set of any known form is read, and any format written.",
}

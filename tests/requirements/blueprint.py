"""A plan becomes a blueprint by being executed."""

PROMISES: dict[str, str] = {
    "admitted": "A plan that repeats and whose controls fail is admitted with the effects and answers observed.",
    "gold_run": "A plan whose own steps don't end as planned is rejected with the step and what it said.",
    "repeatable": "Two gold runs that change different things, or tell different answers, reject the plan.",
    "masked": "A value that differs between the gold runs is masked, and only there.",
    "noop": "A plan whose checks pass when nothing is done is rejected.",
    "wrong_solution": "A plan whose checks pass for a wrong solution is rejected.",
    "told_apart": "Where a control would pass, the answer has to tell what only the right solution shows.",
    "again": "A plan that fell, or comes to no free band, is made again; a planner not told why draws anew.",
    "unsaid": "A plan that counts on a fact nobody says is refused before anything is called.",
    "server": "A server that fails says nothing about the plan.",
    "fresh": "Every gold run and control has a fresh session of the plan's world.",
}

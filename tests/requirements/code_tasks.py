"""Code tasks of their own, decided by hidden tests."""

PROMISES: dict[str, str] = {
    "seeded": "The same kind and seed make the same task to the byte; another seed makes another.",
    "controls": "A task is admitted when untouched files and a wrong solution fail its hidden tests and gold passes.",
    "sql": "Text to SQL over a generated or a given database is decided by execution match, also on other rows.",
    "analysis": "Data analysis over CSV and Excel files is decided by the result file.",
    "library": "At least 30 small programs of our own; a mutant counts when hidden tests fail on it, as executed.",
    "repair": "A repair sees the failing test, reads, edits and sees it pass, over several calls.",
    "implement": "A function is implemented from a specification with examples.",
    "repository": "A repository task is found, edited, tested and committed in a git server's workspace.",
    "given": "The user's own tasks are read from JSON Lines; a bad line is one line that names it, the rest goes on.",
    "verdict": "What a solution leaves beside its outputs reaches no judge; forging a verdict fails.",
    "mixture": "The mixture's shares come out in what is kept; a part that can't be made gives its share away.",
    "no_sources": "A run of code tasks alone needs no source.",
    "resume": "Killed and run again, code tasks come out as undisturbed, with the same bytes.",
    "beside": "Where a run has other tools, some are offered beside those a code task needs, and they work.",
    "provenance": "A trajectory of a code task says its kind and seed; the summary and measure report the mixture.",
}

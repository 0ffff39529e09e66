"""How people ask for code, and what an assistant says while it works: many shapes, chosen by seed."""

from random import Random

LOOK = (
    "Let me see what is there.",
    "I'll start by looking at the files.",
    "First a look around.",
    "",
    "Let me list the files first.",
)
REPRODUCE = (
    "I'll run the tests first to see it fail.",
    "Let me reproduce the failure.",
    "First I'll see what the tests say.",
    "Running the tests as they are.",
    "I want to see the failure with my own eyes first.",
)
READ = (
    "Now the code.",
    "Let me read the code that is behind it.",
    "I'll look at the implementation.",
    "Reading the source.",
    "Let me see how it is written.",
)
EDIT = ("I'll change that line.", "Let me fix it.", "Changing it now.", "Here is the fix.", "")
TEST = (
    "Now the tests again.",
    "Let me run the tests again.",
    "Running the tests to be sure.",
    "Do the tests agree?",
    "And the tests once more.",
)
WRITE = (
    "I have what I need; writing it now.",
    "Let me write it.",
    "Here is my version.",
    "Writing the implementation.",
    "Now the code itself.",
)
TRY = ("Let me try it on the examples.", "A check against the examples.", "Now I'll run the examples.", "Does it hold?")


def pick(rng: Random, *choices: str) -> str:
    return rng.choice(choices)


def fault_in_words(kind: str, old: str, new: str) -> str:
    """What was wrong, for the one who reported it: `old` is how it should be, `new` how it was.

    >>> fault_in_words("comparison", "<", "<=")
    'compared with `<=` where `<` is needed'
    """
    match kind:
        case "comparison":
            return f"compared with `{new}` where `{old}` is needed"
        case "operator":
            return f"used `{new}` where `{old}` is needed"
        case "condition":
            return f"joined two conditions with `{new}` instead of `{old}`"
        case "off by one":
            return f"was off by one: it had {new} where {old} belongs"
        case "wrong default":
            return f"had {new} as the default instead of {old}"
        case "swapped arguments":
            return f"had two arguments in the wrong order (`{new}` instead of `{old}`)"
        case "missing case":
            return "lacked a case that has to be handled on its own"
        case "wrong function":
            return f"called `{new}` where `{old}` belongs"
        case "negation":
            return f"tested `{new}` without the `not`"
        case _:
            return f"had `{new}` where `{old}` belongs"

"""What plans, the procedural roles and their prompts promise."""

PROMISES: dict[str, str] = {
    "computational": "Where there is an interpreter, plans compute over results, to a value the plan knows by itself.",
    "modes": "Eleven modes can be planned without a model, and the detectors confirm them in the dialogue.",
    "sound": "What the procedural roles make of an admitted plan passes every check of the outcome.",
    "unplannable": "A target that can't be planned is refused with a reason that the funnel can count.",
    "seeded": "The same seed gives the same plan and the same dialogue, byte for byte, in any process.",
    "varied": "Another seed gives other words.",
    "bands": "Plans for a higher band make more calls and reach a higher complexity.",
    "no_tool_names": "The user never names a tool.",
    "withheld": "What the user withholds is said only after the assistant has asked for it.",
    "honest": "The assistant refuses to use a value that was neither said nor returned.",
    "revision": "A user who has a change of mind replaces a value, and the later call has the new one in its place.",
    "forbidden": "What a rule forbids is offered, asked for, turned down and never done in the whole episode.",
    "missing_tool": "A request that no tool serves is turned down, and the tool that would serve it is not offered.",
    "news": "A look-up shows what the user has not said, in so many words or others.",
    "distractors": "Tools that the plan does not need are offered beside those that it needs.",
    "worlds": "A plan speaks of the world it is made for.",
    "controls": "A plan that doing nothing would satisfy, or whose calls don't work, is refused.",
    "wording": "Tools and values are spoken of in plain words; a misspelt name is another name, but close.",
    "prompts": "Templates are strict, hold the context and the rules, and are known by their hashes.",
}

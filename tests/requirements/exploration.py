"""Exploration by execution."""

PROMISES: dict[str, str] = {
    "profiles": "Tools that work are known by the call that worked, what it changed and where its values came from.",
    "executed": "An edge marked executed had a call that worked on the produced value and a control that failed.",
    "lenient": "A parameter that takes anything gives no executed edge.",
    "cross_server": "A value that one server shows and another's strict parameter takes joins the two.",
    "volatile": "A tool that gives another result on the same state is known as volatile.",
    "read_back": "A reader that finds what a writer wrote, and did not find it before, is known.",
    "undone": "What exploration changes is gone before the next call.",
    "server": "A server that fails is named in one line; the others are explored.",
    "errors": "An error is read: the parameter it names changes, values it offers are tried, what it misses is added.",
    "once": "A call whose result is known is not made again, but to see whether it repeats.",
    "repeated": "State that the same write leaves otherwise another time (a time stamp) is told.",
    "same": "The same seed explores the same way.",
}

"""A finished rollout is judged check by named check."""

PROMISES: dict[str, str] = {
    "named": "Every check has a name, says what it saw, and runs in the order in which the funnel counts it.",
    "fault": "A rollout that something broke does not pass, and the fault is named.",
    "schema_valid": "Every call names an offered tool with arguments that its schema accepts.",
    "real_results": "Every call has exactly one result, before the assistant speaks again.",
    "effects": "The effects on the state equal the gold ones; what differs from run to run is masked.",
    "answer_facts": "The reply to each turn tells the facts it must tell, in whatever spacing, case and number format.",
    "refusal": "A request that must be turned down is turned down in words.",
    "needless_destruction": "No destroying call beyond those of the plan.",
    "user_leak": "The user names no tool and no identifier that it can't know.",
    "mode_confirmed": "The mode asked for is found by its detector.",
    "other_path": "Where an assistant finds its own way, another path to the same effects and answers passes.",
    "replay": "The calls as they stand in the messages, made again in a fresh session, have the same effects.",
    "nested": "Code that makes other calls when it is run again does not pass the replay.",
    "near_duplicate": "A trajectory too much like one that was kept before does not pass, and names it.",
}

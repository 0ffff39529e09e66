"""The loop of a dialogue."""

PROMISES: dict[str, str] = {
    "messages": "A rollout is a system message, then turns of user, assistant and tool messages in OpenAI form.",
    "unknown_tool": "A call of a tool that is not offered never reaches a server and gets an error result.",
    "limits": "An episode that does not end by itself is ended, and says by whose fault.",
    "fault": "A server's failure ends the episode and is named.",
    "answers": "The answers are those of the plan's turns, a question and its reply being one turn.",
    "call_ids": "Call ids are unique over a data set and results follow them.",
    "deadlines": "A role that thinks longer than a turn or an episode may take ends it as a missed deadline.",
}

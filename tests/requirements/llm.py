"""What the language models behind roles promise."""

PROMISES: dict[str, str] = {
    "scripted": "A scripted model answers what it is told to, keeps what it was asked, and says when its script ends.",
    "refused": "A refusal, a filtered answer and an empty one are a named error.",
    "truncated": "An answer cut off at its token limit is a named error, whatever is in it.",
    "structured": "A structured answer is a value that its schema accepts, bare or fenced, or a named error.",
    "calls": "Malformed arguments, a tool that is not offered and arguments that don't fit its schema are told apart.",
}

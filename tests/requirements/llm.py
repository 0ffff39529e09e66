"""What the language models behind roles promise."""

PROMISES: dict[str, str] = {
    "scripted": "A scripted model answers what it is told to, keeps what it was asked, and says when its script ends.",
    "refused": "A refusal, a filtered answer and an empty one are a named error.",
    "truncated": "An answer cut off at its token limit is a named error, whatever is in it.",
    "structured": "A structured answer is a value that its schema accepts, bare or fenced, or a named error.",
    "calls": "Malformed arguments, a tool that is not offered and arguments that don't fit its schema are told apart.",
    "wire": "A request is written in OpenAI form, and an answer, whole or streamed, is read to the same completion.",
    "thoughts": "Reasoning text, in a field of its own or in tags, is kept apart from the answer.",
    "named": "Every way in which an endpoint fails is a named error.",
    "retries": "A failure that may pass is tried again after waits that double and are spread, within a deadline.",
    "retry_after": "Retry-After is honoured in seconds and as a date, by all requests to that model.",
    "faults": "Under 429s, 500s, stalls, cuts, garbage and slow streams every request is answered in the end.",
    "breaker": "An endpoint that keeps failing is left alone for a while, tried once, and given up in the end.",
    "limits": "Requests at the same time, and requests and tokens per minute, stay within their limits.",
    "cancelled": "A cancelled request leaves no connection, slot or reservation behind, once what was sent has ended.",
    "paid_once": "The same request is paid for once: in a run that goes on or was stopped, and at the same time.",
    "replay": "Replay answers from what was kept alone, and says which request it has no answer to.",
    "budget": "No request goes out that could exceed the cap in tokens or in money; a raised cap lets the run go on.",
    "secrets": "A key never reaches the store, an error's text or a repr; a config can't hold one in an address.",
    "real": "A real model behind llama.cpp serves the client, the roles and a whole run; the funnel tells the truth.",
    "local": "A model is served on this machine from packages alone; what is missing is said with what to install.",
}

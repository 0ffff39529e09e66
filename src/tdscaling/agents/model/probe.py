"""Which protocol an endpoint's model can call tools with: one request each, kept like every other."""

from tdscaling.agents.model.tool_protocol import Protocol, read, written
from tdscaling.llm import Model, Request, Sampling
from tdscaling.llm.failures import AnswerError, BadRequestError
from tdscaling.llm.reading import calls
from tdscaling.types import Message, OfferedTool

_TOOL = OfferedTool(
    name="get_weather",
    description="The weather in a city now",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 60}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
_ASKED = Request(
    messages=(
        Message(role="system", content="Use the tools you are given."),
        Message(role="user", content="What is the weather in Paris now? Look it up."),
    ),
    tools=(_TOOL,),
    sampling=Sampling(temperature=0.0, max_tokens=800),
)


async def probe(model: Model) -> Protocol:
    """`native` where a call comes back as one; else `schema` where a JSON schema is obeyed; else `hermes`.

    Raises ProviderError when the endpoint can't be asked.
    """
    try:
        if calls(await model.complete(_ASKED), (_TOOL,)):
            return "native"
    except (AnswerError, BadRequestError):
        pass
    try:
        answered = read(await model.complete(written(_ASKED, "schema")), "schema", (_TOOL,))
    except (AnswerError, BadRequestError):
        return "hermes"
    return "schema" if answered.calls else "hermes"

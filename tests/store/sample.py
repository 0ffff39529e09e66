"""Small and full values of the nouns for the tests of store and export."""

from tdscaling.store import Fault, Item, Outcome, Rejection, Usage
from tdscaling.types import (
    AnswerFact,
    Blueprint,
    Change,
    Check,
    Computed,
    Constant,
    Descriptor,
    Dialogue,
    Fact,
    FromFact,
    FromOutput,
    Message,
    OfferedTool,
    Persona,
    Request,
    Step,
    Target,
    ToolCall,
    ToolKey,
    Trajectory,
    Turn,
    Verdict,
)

TARGET = Target(cluster="git-history", domain="version control", mode="sequential", band=2, seed=11)

SEARCH = OfferedTool(
    name="git_log",
    description="Lists commits",
    parameters={
        "type": "object",
        "properties": {"branch": {"type": "string"}, "limit": {"type": "integer", "default": 10}},
        "required": ["branch"],
    },
    server="git",
    tool="git_log",
    read_only=True,
)
SHOW = OfferedTool(
    name="git_show",
    description="Shows a commit",
    parameters={"type": "object", "properties": {"revision": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
    server="git",
    tool="git_show",
)


def dialogue() -> Dialogue:
    """Two turns, parallel calls, text beside calls, a wrong message that no loss may fall on."""
    return Dialogue(
        messages=(
            Message(role="system", content="You look after a repository."),
            Message(role="user", content='What is the newest commit on "main"?'),
            Message(
                role="assistant",
                content="Let me look at both branches.",
                tool_calls=(
                    ToolCall(id="c1", name="git_log", arguments={"branch": "main", "limit": 1}),
                    ToolCall(id="c2", name="git_log", arguments={"branch": "dév", "filter": {"any": [1, 2.5, None]}}),
                ),
                reasoning="Two branches are named.",
            ),
            Message(role="tool", content='[{"hash": "a1b2"}]', tool_call_id="c1", name="git_log"),
            Message(role="tool", content="fatal: bad revision 'dév'", tool_call_id="c2", name="git_log", is_error=True),
            Message(
                role="assistant",
                tool_calls=(ToolCall(id="c3", name="git_show", arguments={"revision": None}),),
                mark="wrong",
            ),
            Message(role="tool", content="", tool_call_id="c3", name="git_show"),
            Message(role="assistant", content="The newest commit is a1b2."),
            Message(role="user", content="Thanks, who wrote it?"),
            Message(role="assistant", content="I can't tell: no tool here names authors.", mark="useful"),
        ),
        tools=(SEARCH, SHOW),
    )


def trajectory(number: int = 0, failed: str = "") -> Trajectory:
    checks = [Check(name="arguments", passed=True)]
    if failed:
        checks.append(Check(name=failed, passed=False, detail="differs"))
    return Trajectory(
        id=f"t{number}",
        dialogue=dialogue(),
        target=TARGET,
        descriptor=Descriptor(
            domain="version control",
            modes=("parallel", "recovering"),
            primary_mode="recovering",
            cac=9.25 + number,
            band=2,
            calls=3,
            turns=2,
            servers=("git",),
        ),
        verdict=Verdict(tuple(checks)),
        provenance={"seed": number, "models": {"assistant": "procedural"}, "versions": ["1", 2, None, 0.5]},
    )


def blueprint() -> Blueprint:
    nested = FromOutput(step="s1", path="commits[].hash", where="branch", equals=FromFact(fact="f1"))
    step = Step(
        id="s2",
        tool=ToolKey("git", "git_show"),
        arguments={"revision": nested, "n": Computed(function="count", inputs=(nested, Constant(value=[1, None])))},
        after=("s1",),
        group=1,
    )
    return Blueprint(
        id="b1",
        target=TARGET,
        world=3,
        servers=("git",),
        persona=Persona(name="A reviewer", role="reviews", style="terse"),
        goal="know the newest commit",
        context=("The repository is small.",),
        facts=(Fact(id="f1", label="branch", value="main"), Fact(id="f2", label="limits", value={"a": [1, 2.0]})),
        turns=(
            Turn(
                kind="opening",
                requests=(Request(action="newest commit of {f1}", details=("f2",)),),
                steps=(step,),
                withheld=("f2",),
                answer=(AnswerFact(label="hash", binding=nested, value="a1b2"),),
            ),
        ),
        offered=(ToolKey("git", "git_log"), ToolKey("git", "git_show")),
        effects=(Change("refs/main", "changed", "a1"), Change("x", "removed", "")),
        provenance={"planner": "procedural"},
    )


def item(number: int) -> Item:
    return Item(hash=f"h{number:03}", order=number, target=TARGET)


def outcome(number: int, failed: str = "") -> Outcome:
    return Outcome(
        item=item(number),
        trajectory=trajectory(number, failed),
        blueprint=blueprint(),
        timings={"rollout": 0.5, "verify": 0.25},
        faults=(Fault(kind="timeout", subject="git"),),
        usage=(Usage(role="user", model="m", request="r", prompt_tokens=5, completion_tokens=2, cost=0.5),),
        state={"duplicates": str(number).encode()},
    )


def rejected(number: int, reason: str = "no-op passes", stage: str = "blueprint") -> Outcome:
    why = Rejection(stage="blueprint" if stage == "blueprint" else "environment", reason=reason, detail="seen")
    return Outcome(item=item(number), rejection=why, blueprint=blueprint(), timings={"plan": 0.1})

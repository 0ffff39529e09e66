"""A finished rollout and its blueprint: the verdict, check by named check."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tdscaling.environments.nested import announce
from tdscaling.outcome_checks import Outcome, outcome_checks, same_effects
from tdscaling.types import (
    Blueprint,
    Check,
    Descriptor,
    Dialogue,
    Environment,
    Exploration,
    NestedCall,
    OfferedTool,
    ToolKey,
    Verdict,
    diff,
)
from tdscaling.values import leaves, normal
from tdscaling.values.validation import validator_of

CHECKS = (
    "fault",
    "user_fault",
    "schema_valid",
    "real_results",
    "effects",
    "answer_facts",
    "refusal",
    "needless_destruction",
    "user_leak",
    "mode_confirmed",
    "hidden_tests",
    "replay",
    "judge",
    "contamination",
    "near_duplicate",
)
"""Every check by name, in the order in which they run and in which the funnel counts the first that fails."""

ASSISTANTS = frozenset({"effects", "answer_facts", "refusal", "needless_destruction", "hidden_tests", "judge"})
"""The checks that tell of what an assistant did; the others tell of the user, of servers or of the run."""

_OPAQUE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[a-z])[0-9a-f]{12,64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is to judge: the dialogue, what it did, where it lies, and what broke it, if something did.
    `free`: the assistant found its own way; then another mode than the plan's is no failure. `hidden`: how the hidden
    tests of a code task went, in a sandbox of their own."""

    dialogue: Dialogue
    outcome: Outcome
    descriptor: Descriptor
    fault: str = ""
    detail: str = ""
    free: bool = False
    hidden: Check | None = None


async def verify(
    blueprint: Blueprint, evidence: Evidence, exploration: Exploration, environment: Environment
) -> Verdict:
    """Runs the checks in order: the cheap ones all, the replay, which costs a session, only where they pass."""
    checks = [
        Check(
            name="user_fault" if evidence.fault == "user" else "fault",
            passed=not evidence.fault,
            detail=f"{evidence.fault} {evidence.detail}".strip(),
        ),
        _schema_valid(evidence.dialogue),
        _real_results(evidence.dialogue),
        *outcome_checks(blueprint, evidence.outcome),
        _needless_destruction(blueprint, evidence.dialogue, exploration),
        _user_leak(blueprint, evidence.dialogue),
        _mode_confirmed(blueprint, evidence.descriptor, evidence.free),
        *_hidden_tests(blueprint, evidence),
    ]
    if all(check.passed for check in checks):
        checks.append(await replay(blueprint, evidence.dialogue, environment))
    return Verdict(tuple(checks))


def near_miss(verdict: Verdict) -> str:
    """The one check that an assistant failed where all others passed; "" for anything else.

    >>> near_miss(Verdict((Check(name="effects", passed=False), Check(name="user_leak", passed=True))))
    'effects'
    >>> near_miss(Verdict((Check(name="effects", passed=False), Check(name="refusal", passed=False))))
    ''
    """
    failed = [check.name for check in verdict.checks if not check.passed]
    return failed[0] if len(failed) == 1 and failed[0] in ASSISTANTS else ""


def contamination_check(overlaps: bool) -> Check:
    """Made where a run must stay away from some texts, such as those of a benchmark."""
    detail = "the user or the assistant says a run of words that what `decontaminate` names says too"
    return Check(name="contamination", passed=not overlaps, detail=detail if overlaps else "")


def duplicate_check(other: str | None) -> Check:
    """The last check, made when a trajectory's turn has come: `other` is the kept one it is too much like."""
    return Check(name="near_duplicate", passed=other is None, detail=f"of {other}" if other else "")


def _hidden_tests(blueprint: Blueprint, evidence: Evidence) -> Sequence[Check]:
    """The verdict of the hidden tests where the plan has some; not having run them is a failure."""
    if blueprint.code is None:
        return ()
    return (evidence.hidden or Check(name="hidden_tests", passed=False, detail="they were not run"),)


def _schema_valid(dialogue: Dialogue) -> Check:
    """Every call names an offered tool and has arguments that its schema accepts; a call that was meant to fail too."""
    offered = {tool.name: tool for tool in dialogue.tools}
    for _, call in dialogue.calls():
        tool = offered.get(call.name)
        if tool is None:
            return Check(name="schema_valid", passed=False, detail=f"{call.name} is not offered")
        error = validator_of(tool.parameters).error(call.arguments)
        if error is not None:
            return Check(name="schema_valid", passed=False, detail=f"{call.name}: {error.message[:160]}")
    return Check(name="schema_valid", passed=True)


def _real_results(dialogue: Dialogue) -> Check:
    """Every call has exactly one result, after it and before the next assistant message."""
    waiting: set[str] = set()
    for message in dialogue.messages:
        if message.role == "tool":
            if message.tool_call_id not in waiting:
                return Check(name="real_results", passed=False, detail="a result without a call")
            waiting.discard(message.tool_call_id)
        elif waiting:
            return Check(name="real_results", passed=False, detail=f"{len(waiting)} calls without a result")
        waiting.update(call.id for call in message.tool_calls)
    return Check(
        name="real_results", passed=not waiting, detail=f"{len(waiting)} calls without a result" if waiting else ""
    )


def _key(tools: Mapping[str, OfferedTool], name: str) -> ToolKey | None:
    tool = tools.get(name)
    return tool.key if tool else None


def _needless_destruction(blueprint: Blueprint, dialogue: Dialogue, exploration: Exploration) -> Check:
    """No call of a destroying tool beyond those of the plan."""
    tools = {tool.name: tool for tool in dialogue.tools}
    planned = [step.tool for step in blueprint.steps]
    for call in (*(call for _, call in dialogue.calls()), *dialogue.nested()):
        key = _key(tools, call.name)
        profile = exploration.profiles.get(key) if key else None
        if profile is not None and profile.effect == "destroy" and key is not None:
            if key not in planned:
                return Check(name="needless_destruction", passed=False, detail=str(key))
            planned.remove(key)
    return Check(name="needless_destruction", passed=True)


def _user_leak(blueprint: Blueprint, dialogue: Dialogue) -> Check:
    """The user names no tool and no opaque identifier that is not among its facts."""
    told = [leaf.value for fact in blueprint.facts for leaf in leaves(fact.value)]
    known = {normal(value) for value in told if isinstance(value, str | int | float)}
    known_text = " ".join(known)
    names = [tool.name for tool in dialogue.tools if not tool.name.isalpha()]
    for message in dialogue.messages:
        if message.role != "user":
            continue
        text = message.content.casefold()
        for name in names:
            if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", text) and name.casefold() not in known_text:
                return Check(name="user_leak", passed=False, detail=f"the user names the tool {name}")
        for match in _OPAQUE.finditer(text):
            if match[0] not in known_text:
                return Check(name="user_leak", passed=False, detail=f"the user says {match[0]}, which it can't know")
    return Check(name="user_leak", passed=True)


def _mode_confirmed(blueprint: Blueprint, descriptor: Descriptor, free: bool) -> Check:
    wanted = blueprint.target.mode
    if wanted in descriptor.modes:
        return Check(name="mode_confirmed", passed=True)
    found: Sequence[str] = sorted(set(descriptor.modes))
    return Check(name="mode_confirmed", passed=free, detail=f"wanted {wanted}, detected {', '.join(found) or 'none'}")


async def replay(blueprint: Blueprint, dialogue: Dialogue, environment: Environment) -> Check:
    """The calls as they stand in the messages, made again in a fresh session, have the same effects; code makes the
    same calls again."""
    tools = {tool.name: tool for tool in dialogue.tools}
    nested: list[NestedCall] = []
    async with environment.session(blueprint.servers, blueprint.world) as session:
        announce(session, dialogue.tools)
        before = await session.snapshot()
        for _, call in dialogue.calls():
            key = _key(tools, call.name)
            if key is not None:
                result = await session.call(key, call.arguments)
                nested += result.nested
                if result.fault:
                    return Check(name="replay", passed=False, detail=f"{key}: {result.fault}")
        effects = diff(before, await session.snapshot())
    if [(call.name, call.arguments) for call in nested] != [(call.name, call.arguments) for call in dialogue.nested()]:
        return Check(name="replay", passed=False, detail="code makes other calls than before")
    same = same_effects(blueprint.effects, effects)
    return Check(name="replay", passed=same, detail="" if same else "other effects than the plan")

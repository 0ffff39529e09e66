"""An implementation task: a specification in the user's words, or a stub whose docstring is one."""

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.code_tasks.editing import change, heredoc
from tdscaling.code_tasks.implementing.families import FAMILIES
from tdscaling.code_tasks.implementing.spec import Spec
from tdscaling.code_tasks.library import CASES, PROGRAMS, Case, Program, cases, program
from tdscaling.code_tasks.mutations import mutants
from tdscaling.code_tasks.task import PYTHON, SHELL, Act, CodeTask, TaskRejectedError, steps
from tdscaling.code_tasks.testing import hidden_tests, outcomes
from tdscaling.code_tasks.words import LOOK, TRY, WRITE, pick
from tdscaling.sandbox import Sandbox, SandboxSession
from tdscaling.types import CodeWork, JsonValue, Request, TaskFile, Turn

STUBS = 0.35
"""Share of tasks that fill in a stub of the library; the others are written from words alone."""
SLIPS = 0.4
"""Share of tasks whose gold solution is wrong at first, as an example shows."""
MUTANTS_TRIED = 15


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be written: `stub` is what is there before, "" for nothing; `first` a first version that an example
    shows to be wrong, or the source itself; `wrong` a version that some case shows to be wrong."""

    path: str
    module: str
    function: str
    source: str
    stub: str
    request: Request
    cases: tuple[Case, ...]
    examples: tuple[Case, ...]
    first: str
    wrong: str


def implement(seed: int, sandbox: Sandbox) -> CodeTask:
    """A seeded task. Raises TaskRejectedError, SandboxError."""
    rng = Random(f"implement {seed}")
    session = sandbox.open()
    try:
        job = _from_library(rng, session, seed) if rng.random() < STUBS else _from_words(rng, session)
    finally:
        session.close()
    turn = Turn(kind="opening", requests=(job.request,), steps=steps(_acts(job, rng)), report=_report(job, rng))
    return CodeTask(
        work=CodeWork(
            kind="implement",
            seed=seed,
            tests=hidden_tests(job.module, job.function, job.cases),
            files=(TaskFile(path=job.path, content=job.stub),) if job.stub else (),
            outputs=(job.path,),
        ),
        mode="recovering" if job.first != job.source else "computational",
        turns=(turn,),
        wrong=(TaskFile(path=job.path, content=job.wrong),),
        context=(f"The working folder holds {job.path}, to be filled in.",) if job.stub else (),
        origin=f"stub of {job.module}" if job.stub else f"specification of {job.function}",
    )


def _from_library(rng: Random, session: SandboxSession, seed: int) -> _Job:
    used = program(rng.choice(PROGRAMS))
    known = cases(used.name, seed)
    examples = _examples(known, rng)
    shown = "".join(f"\n    {case.call(used.function)} -> {case.value!r}" for case in examples)
    action = pick(
        rng,
        f"implement {used.function} in {used.path} as its docstring says",
        f"fill in the body of {used.function} in {used.path}",
        f"finish {used.path}: {used.function} is only a stub so far",
    )
    more = pick(rng, f" A few more examples:{shown}", f" It has to give, for instance:{shown}", f" For example:{shown}")
    request = Request(action=action, more=more)
    first, wrong = _versions(used.source, used.function, known, examples, session, rng)
    return _Job(used.path, used.name, used.function, used.source, stub(used), request, known, examples, first, wrong)


def stub(used: Program) -> str:
    """A program with the body of its entry function left out, and all that comes after it."""
    node = next(n for n in ast.parse(used.source).body if isinstance(n, ast.FunctionDef) and n.name == used.function)
    lines = used.source.splitlines(keepends=True)
    return "".join(lines[: node.body[0].end_lineno]) + "    raise NotImplementedError\n"


def _from_words(rng: Random, session: SandboxSession) -> _Job:
    spec = rng.choice(FAMILIES)(rng)
    known = _known(spec, session, rng)
    examples = _examples(known, rng)
    request = _request(spec, examples, rng)
    first, wrong = _versions(spec.source, spec.function, known, examples, session, rng)
    return _Job(spec.path, spec.module, spec.function, spec.source, "", request, known, examples, first, wrong)


def _known(spec: Spec, session: SandboxSession, rng: Random) -> tuple[Case, ...]:
    """Cases with what the program of the specification gives. Raises TaskRejectedError where it does not run."""
    made: list[list[JsonValue]] = []
    for _ in range(CASES * 4):
        arguments = spec.inputs(rng)
        if arguments not in made and len(made) < CASES:
            made.append(arguments)
    found = outcomes(session, spec.source, spec.function, [Case(arguments) for arguments in made])
    if found is None:
        raise TaskRejectedError("specification_does_not_run", spec.function)
    return tuple(_case(arguments, outcome) for arguments, outcome in zip(made, found, strict=True))


def _case(arguments: list[JsonValue], outcome: JsonValue) -> Case:
    kind, value = outcome if isinstance(outcome, list) else ("error", "")
    return Case(arguments, error=str(value)) if kind == "error" else Case(arguments, value)


def _examples(known: Sequence[Case], rng: Random) -> tuple[Case, ...]:
    """Three or four short cases that give different values where there are such."""
    short = sorted((case for case in known if not case.error), key=lambda case: len(repr(case)))
    pool = short[: max(6, len(short) * 2 // 3)]
    rng.shuffle(pool)
    chosen: list[Case] = []
    for case in pool:
        if all(case.value != other.value for other in chosen):
            chosen.append(case)
    return tuple([*chosen, *(case for case in pool if case not in chosen)][: rng.randint(3, 4)])


def _versions(
    source: str, function: str, known: Sequence[Case], examples: Sequence[Case], session: SandboxSession, rng: Random
) -> tuple[str, str]:
    """A first version (the source itself where the solution makes no slip), and a wrong one."""
    slip = rng.random() < SLIPS
    first, wrong = source, ""
    right = [case.as_json() for case in known]
    for mutant in mutants(source, rng)[:MUTANTS_TRIED]:
        found = outcomes(session, mutant.source, function, known)
        if found is None or found == right:
            continue
        wrong = wrong or mutant.source
        values = {json.dumps(case.arguments): outcome for case, outcome in zip(known, found, strict=True)}
        seen = [values[json.dumps(case.arguments)] for case in examples]
        valued = all(isinstance(outcome, list) and outcome[0] == "value" for outcome in seen)
        if slip and valued and seen != [case.as_json() for case in examples]:
            first = mutant.source
            break
        if not slip:
            break
    if not wrong:
        raise TaskRejectedError("no_mutant_matters", function)
    return first, wrong


def _request(spec: Spec, examples: Sequence[Case], rng: Random) -> Request:
    action = pick(
        rng,
        f"write {spec.path} with a function {spec.function}({spec.parameters}) that {spec.does}",
        f"make a module {spec.path}; its function {spec.function}({spec.parameters}) {spec.does}",
        f"put a function {spec.function}({spec.parameters}) that {spec.does} into {spec.path}",
    )
    rules = list(spec.rules)
    bullets = "".join(f"\n- {rule}" for rule in rules)
    told = pick(rng, f" The rules:{bullets}", f" This is how it works:{bullets}", f" {' '.join(rules)}")
    lines = "".join(f"\n    {case.call(spec.function)} -> {case.value!r}" for case in examples)
    return Request(
        action=action, more=f"{told}{pick(rng, chr(10), ' ')}{pick(rng, 'Examples:', 'For example:')}{lines}"
    )


def _acts(job: _Job, rng: Random) -> list[Act]:
    acts: list[Act] = []
    if job.stub:
        acts.append(Act(SHELL, pick(rng, f"cat {job.path}", f"ls; cat {job.path}"), pick(rng, *LOOK)))
    elif rng.random() < 0.3:
        acts.append(Act(SHELL, "ls -a", pick(rng, *LOOK)))
    if rng.random() < 0.6:
        acts.append(Act(SHELL, heredoc(job.path, job.first), pick(rng, *WRITE)))
    else:
        write = f"from pathlib import Path\n\nPath({job.path!r}).write_text({_block(job.first)})"
        acts.append(Act(PYTHON, write, pick(rng, *WRITE)))
    check = _check(job)
    if job.first != job.source:
        slip = pick(rng, "One example comes out otherwise; I see why.", "Not yet right: one line is off.", "Almost.")
        acts.append(Act(SHELL, check, pick(rng, *TRY), fails=True))
        acts.append(change(job.path, job.first, job.source, rng, slip))
    acts.append(Act(SHELL, check, pick(rng, *TRY)))
    return acts


def _block(text: str) -> str:
    return repr(text) if '"""' in text or "\\" in text else f'"""{text}"""'


def _check(job: _Job) -> str:
    """A shell command that runs the examples and fails where one comes out otherwise."""
    rows = "".join(f"    ({tuple(case.arguments)!r}, {case.value!r}),\n" for case in job.examples)
    return (
        f"python - <<'EOF'\nfrom {job.module} import {job.function}\n\nexamples = [\n{rows}]\nwrong = 0\n"
        f"for given, wanted in examples:\n    found = {job.function}(*given)\n"
        '    print(given, "->", found, "" if found == wanted else f"but {wanted} is wanted")\n'
        "    wrong += found != wanted\n"
        'print(f"{len(examples) - wrong} of {len(examples)} as wanted")\nraise SystemExit(1 if wrong else 0)\nEOF'
    )


def _report(job: _Job, rng: Random) -> str:
    case = rng.choice(job.examples)
    gives = f"`{case.call(job.function)}` gives {case.value!r}"
    lead = pick(rng, f"{job.path} is written.", f"Done: `{job.function}` is in {job.path}.", "It works.", "Finished.")
    shown = pick(
        rng,
        f"All {len(job.examples)} examples come out as you gave them; {gives}.",
        f"I ran your {len(job.examples)} examples: {gives}, and the others agree as well.",
    )
    return f"{lead} {shown}"

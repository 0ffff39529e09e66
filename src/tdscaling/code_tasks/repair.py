"""Repair: a program of the library with one or two seeded faults, and a test that fails because of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.code_tasks.editing import change
from tdscaling.code_tasks.library import PROGRAMS, Case, Program, cases, program
from tdscaling.code_tasks.mutations import Mutant, mutants
from tdscaling.code_tasks.task import SHELL, Act, CodeTask, TaskRejectedError, steps
from tdscaling.code_tasks.testing import hidden_tests, outcomes, visible_tests
from tdscaling.code_tasks.words import EDIT, LOOK, READ, REPRODUCE, TEST, fault_in_words, pick
from tdscaling.sandbox import Sandbox, SandboxSession
from tdscaling.types import CodeWork, JsonValue, Request, TaskFile, Turn

TWO_FAULTS = 0.35
"""Share of tasks with two faults, where two can be found."""
MUTANTS_TRIED = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """A program before and after a fault, with what it then gives for every case, the cases that show the fault, and
    the fault in words."""

    sound: str
    broken: str
    gives: Sequence[JsonValue]
    shown: tuple[Case, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A program of the library with its faults in the order they went in, the first one's `sound` being the original,
    and a faulty version of another kind."""

    program: Program
    cases: tuple[Case, ...]
    faults: tuple[Fault, ...]
    other: str

    @property
    def text(self) -> str:
        return self.faults[-1].broken


def repair(seed: int, sandbox: Sandbox) -> CodeTask:
    """A seeded task. Raises TaskRejectedError where no mutant matters, SandboxError."""
    rng = Random(f"repair {seed}")
    broken = broken_program(rng, sandbox, seed)
    used = broken.program
    test_path = rng.choice((f"test_{used.name}.py", f"test_{used.name}.py", f"check_{used.name}.py"))
    shown = shown_cases(broken, rng)
    tests = visible_tests(used.name, used.function, shown)
    work = CodeWork(
        kind="repair",
        seed=seed,
        tests=hidden_tests(used.name, used.function, broken.cases),
        files=(TaskFile(path=used.path, content=broken.text), TaskFile(path=test_path, content=tests)),
        outputs=(used.path,),
    )
    turn = Turn(
        kind="opening",
        requests=(_request(broken, test_path, rng),),
        steps=steps(_acts(broken, test_path, rng)),
        report=_report(broken, len(shown), rng),
    )
    return CodeTask(
        work=work,
        mode="recovering",
        turns=(turn,),
        wrong=(TaskFile(path=used.path, content=broken.other),),
        context=(f"The working folder holds {used.path} and its tests, {test_path}.",),
        origin=f"program {used.name}, {len(broken.faults)} faults",
    )


def broken_program(rng: Random, sandbox: Sandbox, seed: int) -> Broken:
    """A program with faults that its cases show. Raises TaskRejectedError, SandboxError."""
    used = program(rng.choice(PROGRAMS))
    known = cases(used.name, seed)
    right = [case.as_json() for case in known]
    session = sandbox.open()
    try:
        first = _fault(session, used, used.source, right, known, rng)
        if first is None:
            raise TaskRejectedError("no_mutant_matters", used.name)
        faults = (first,)
        if rng.random() < TWO_FAULTS:
            second = _fault(session, used, first.broken, first.gives, known, rng)
            if second is not None and second.gives != right:  # both together must not cancel out
                faults = (first, second)
        other = _fault(session, used, used.source, right, known, rng)
        wrong = other.broken if other is not None and other.broken != first.broken else faults[-1].broken
        return Broken(used, known, faults, wrong)
    finally:
        session.close()


def _fault(
    session: SandboxSession,
    used: Program,
    sound: str,
    wanted: Sequence[JsonValue],
    known: Sequence[Case],
    rng: Random,
) -> Fault | None:
    """The first mutant that runs and gives other values than the sound text, `wanted`, for some but not all cases."""
    for mutant in _mixed(mutants(sound, rng), rng)[:MUTANTS_TRIED]:
        found = outcomes(session, mutant.source, used.function, known)
        if found is None:
            continue
        shown = [case for case, was, now in zip(known, wanted, found, strict=True) if was != now]
        if 0 < len(shown) < len(known):
            return Fault(sound, mutant.source, found, tuple(shown), _said(mutant, used))
    return None


def _mixed(found: Sequence[Mutant], rng: Random) -> list[Mutant]:
    """The mutants with their kinds taking turns: else off-by-one faults would be half of all."""
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in found:
        by_kind.setdefault(mutant.kind, []).append(mutant)
    kinds = sorted(by_kind)
    rng.shuffle(kinds)
    turns = max(map(len, by_kind.values()), default=0)
    return [by_kind[kind][turn] for turn in range(turns) for kind in kinds if turn < len(by_kind[kind])]


def _said(mutant: Mutant, used: Program) -> str:
    old = mutant.old.strip()
    line = f"line {mutant.line}" if mutant.new else f"what should stand at line {mutant.line}"
    what = fault_in_words(mutant.kind, old, mutant.new.strip())
    return f"`{used.function}` {what}" if mutant.kind == "missing case" else f"{line} {what}"


def shown_cases(broken: Broken, rng: Random) -> list[tuple[str, Case]]:
    """Cases of the tests that the agent sees: some that pass all along, and one or two that each fault breaks."""
    failing: list[Case] = []
    for fault in broken.faults:
        short = sorted(fault.shown, key=lambda case: len(repr(case.arguments)))[: max(2, len(fault.shown) // 2)]
        failing += [case for case in rng.sample(short, min(len(short), rng.randint(1, 2))) if case not in failing]
    passing = [case for case in broken.cases if all(case not in fault.shown for fault in broken.faults)]
    chosen = rng.sample(passing, min(len(passing), rng.randint(1, 3)))
    names = rng.choice(("example", "case", "sample"))
    mixed = [*chosen, *failing]
    rng.shuffle(mixed)
    return [(f"{names}_{number}", case) for number, case in enumerate(mixed, start=1)]


def _request(broken: Broken, test_path: str, rng: Random) -> Request:
    used, case = broken.program, broken.faults[-1].shown[0]
    given = "fails with " + case.error if case.error else f"should give {case.value!r}"
    action = pick(
        rng,
        f"find out why {used.function} in {used.path} goes wrong and fix it",
        f"get the tests in {test_path} to pass again",
        f"fix the bug in {used.path}",
        f"repair {used.function}, it lives in {used.path}",
        f"look into {used.path}: {used.function} returns wrong results since the last change, and mend it",
    )
    hint = pick(
        rng,
        f" The tests in {test_path} show the problem.",
        f" `python {test_path}` fails at the moment.",
        f" {test_path} is right and has to stay as it is.",
        f" For example `{case.call(used.function)}` {'should raise ' + case.error if case.error else given}."
        f" The tests are in {test_path}.",
    )
    tail = pick(
        rng, "", "", " Tell me what was wrong.", " Please change as little as possible.", " Leave the tests alone."
    )
    return Request(action=action, more=hint + tail)


def _acts(broken: Broken, test_path: str, rng: Random) -> list[Act]:
    used = broken.program
    run = rng.choice((f"python {test_path}", f"python3 {test_path}", f"cd /workspace && python {test_path}"))
    acts = [Act(SHELL, rng.choice(("ls", "ls -a", "ls *.py", "find . -name '*.py' | sort")), pick(rng, *LOOK))]
    acts = acts if rng.random() < 0.6 else []
    reading = rng.choice((f"cat -n {used.path}", f"cat {used.path}", f"sed -n '1,200p' {used.path}"))
    looks = [Act(SHELL, run, pick(rng, *REPRODUCE), fails=True), Act(SHELL, reading, pick(rng, *READ))]
    acts += looks
    if rng.random() < 0.4:
        acts.append(Act(SHELL, f"cat {test_path}", pick(rng, "What do the tests expect?", "And the tests.", "")))
    for place, fault in enumerate(reversed(broken.faults)):
        last = place == len(broken.faults) - 1
        acts.append(change(used.path, fault.broken, fault.sound, rng, explained(fault, rng)))
        acts.append(Act(SHELL, run, pick(rng, *TEST), fails=not last))
    return acts


def explained(fault: Fault, rng: Random) -> str:
    """What is said before a fault is mended."""
    said = fault.said[:1].upper() + fault.said[1:]
    return pick(rng, f"{said}. {pick(rng, *EDIT)}".strip(), f"There it is: {fault.said}.", f"I see: {fault.said}.")


def _report(broken: Broken, count: int, rng: Random) -> str:
    used = broken.program
    faults = " Also, ".join(f"{fault.said}." for fault in reversed(broken.faults))
    faults = faults[:1].upper() + faults[1:]
    start = pick(rng, "Fixed.", f"{used.path} works again.", "The tests pass now.", "Found and fixed.", "Done.")
    passing = pick(
        rng,
        f"All {count} tests pass now.",
        f"The {count} tests pass; I changed only {used.path}.",
        f"0 failed: all {count} tests pass, and the tests themselves are unchanged.",
    )
    return f"{start} {faults} {passing}"

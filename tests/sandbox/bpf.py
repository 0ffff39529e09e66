"""A small machine that runs a seccomp program the way the kernel does, for the tests."""

import struct
from collections.abc import Iterator, Sequence

from tdscaling.sandbox import seccomp


def disassemble(program: bytes) -> list[seccomp.Instruction]:
    return [seccomp.Instruction(code, k, jt, jf) for code, jt, jf, k in struct.iter_unpack("=HBBI", program)]


def run(program: bytes, arch: int, number: int, arguments: Sequence[int] = ()) -> int:
    """What the filter returns for one system call; raises when it runs off its end."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, arch, 0, *padded)
    code, at, accumulator = disassemble(program), 0, 0
    while True:
        step = code[at]
        at += 1
        if step.code == seccomp.LOAD:
            accumulator = struct.unpack_from("=I", data, step.k)[0]
        elif step.code == seccomp.RETURN:
            return step.k
        elif step.code == seccomp.JUMP:
            at += step.k
        else:
            at += step.jt if _holds(step, accumulator) else step.jf


def _holds(step: seccomp.Instruction, accumulator: int) -> bool:
    if step.code == seccomp.JEQ:
        return accumulator == step.k
    if step.code == seccomp.JGE:
        return accumulator >= step.k
    assert step.code == seccomp.JSET
    return bool(accumulator & step.k)


def targets(program: bytes) -> Iterator[int]:
    """Where every jump of the program lands."""
    for at, step in enumerate(disassemble(program)):
        if step.code == seccomp.JUMP:
            yield at + 1 + step.k
        elif step.code in (seccomp.JEQ, seccomp.JGE, seccomp.JSET):
            yield at + 1 + step.jt
            yield at + 1 + step.jf

"""The limits of a session as the supervisor takes them; the host's settings turn into these."""

import resource
from dataclasses import asdict, dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and counts. `memory` is the sum over all processes and every tmpfs page."""

    cpu: float = 30.0
    memory: int = 512 * MIB
    processes: int = 64
    descriptors: int = 256
    files: int = 20_000
    disk: int = 256 * MIB
    kept_output: int = 64 << 10
    total_output: int = 64 * MIB
    export: int = 64 * MIB

    def frame(self) -> dict[str, float]:
        return asdict(self)

    def apply(self) -> None:
        """Sets what the kernel enforces on this process and its children. Must run inside the user namespace:
        only there does the process count belong to this sandbox alone."""
        hard = {
            resource.RLIMIT_NPROC: self.processes,
            resource.RLIMIT_NOFILE: self.descriptors,
            resource.RLIMIT_FSIZE: self.disk,
            resource.RLIMIT_DATA: 2 * self.memory,
            resource.RLIMIT_AS: 4 * self.memory + 2048 * MIB,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
        for which, value in hard.items():
            ceiling = resource.getrlimit(which)[1]
            value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
            resource.setrlimit(which, (value, value))

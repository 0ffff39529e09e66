"""The limits of a session as the supervisor takes them; the host's settings turn into these."""

import resource


class Limits:
    """Seconds, bytes and counts. `memory` is the sum over all processes and every tmpfs page."""

    def __init__(
        self,
        *,
        cpu: float,
        memory: int,
        processes: int,
        descriptors: int,
        files: int,
        disk: int,
        kept_output: int,
        total_output: int,
        export: int,
    ) -> None:
        self.cpu = cpu
        self.memory = memory
        self.processes = processes
        self.descriptors = descriptors
        self.files = files
        self.disk = disk
        self.kept_output = kept_output
        self.total_output = total_output
        self.export = export

    def apply(self, others: int = 0) -> None:
        """Sets what the kernel enforces on this process and its children. Must run inside the user namespace: only
        there does the process count belong to this sandbox alone; elsewhere `others` are allowed for."""
        hard = {
            resource.RLIMIT_NPROC: self.processes + others,
            resource.RLIMIT_NOFILE: self.descriptors,
            resource.RLIMIT_FSIZE: self.disk,
            resource.RLIMIT_DATA: 2 * self.memory,
            resource.RLIMIT_AS: 4 * self.memory + (2 << 30),
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
        for which, value in hard.items():
            ceiling = resource.getrlimit(which)[1]
            value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
            resource.setrlimit(which, (value, value))

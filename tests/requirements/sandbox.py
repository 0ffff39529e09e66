"""Promises of the code sandbox."""

PROMISES: dict[str, str] = {
    "seccomp_allow_list": "A seccomp allow list decides every system call, on x86-64 and aarch64.",
    "seccomp_denials": "memfd, SysV IPC, queues, namespaces, mounts, tracing, keyrings, io_uring are refused.",
    "seccomp_foreign": "Calls of a foreign architecture kill the process; x32 calls do not exist.",
    "seccomp_arguments": "Namespace flags, foreign prlimit, terminal injection and seccomp prctl are refused.",
    "seccomp_sockets": "Every socket family but AF_UNIX is refused where no network is granted.",
}

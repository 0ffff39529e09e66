"""What evaluations promise."""

PROMISES: dict[str, str] = {
    "code": "HumanEval from its package and the user's own tasks are asked of a model and judged in the sandbox.",
    "sql": "A small SQL set of our own is asked where no other is named, under its own name.",
    "bird": "BIRD's layout is read from a path; queries can only read, and their rows are compared as sets.",
    "bfcl": "BFCL is asked and judged by its official package in an environment of its own, made by the command.",
    "bfcl_oracle": "With BFCL's package an oracle that knows the gold reaches the top, a do-nothing one the floor.",
    "tau2": "tau2-bench is played and judged by its package, the user behind an endpoint, beside pass^k its floor.",
    "tau2_oracle": "With tau2's package an oracle and a scripted user reach the top, a do-nothing agent the floor.",
    "version": "A benchmark of another version, or without a Python that can run it, is refused in one line.",
    "heldout": "An experiment's held-out sets are asked of any endpoint, next action by next action, and played by it.",
    "resume": "An evaluation that broke off goes on, and no answer is paid for twice.",
    "dead": "Where the endpoint dies there is no result, never a number that looks right.",
    "result": "A result is one JSON file with scores, tasks and versions.",
    "report": "`tdscaling report --eval` shows results of evaluations.",
    "not_run": "A benchmark without a public definition is not run, in one line.",
    "contamination": "Overlap of training data with a benchmark's texts is caught when it is planted.",
}

"""Tasks that wait for one another."""


def order_tasks(needs: dict[str, list[str]]) -> list[str]:
    """An order in which every task comes after those it needs; of several that are ready the alphabet decides.

    A task that is only named as a need counts as well. Raises ValueError for a circle.

    >>> order_tasks({"ship": ["pack", "bill"], "pack": ["pick"]})
    ['bill', 'pick', 'pack', 'ship']
    """
    waiting = {task: set(first) for task, first in needs.items()}
    for first in needs.values():
        for task in first:
            waiting.setdefault(task, set())
    ordered: list[str] = []
    while waiting:
        ready = sorted(task for task, first in waiting.items() if not first)
        if not ready:
            raise ValueError("the tasks wait in a circle")
        task = ready[0]
        ordered.append(task)
        del waiting[task]
        for first in waiting.values():
            first.discard(task)
    return ordered

"""What changed between two states."""


def list_changes(old: dict[str, int], new: dict[str, int], tolerance: int = 0) -> list[str]:
    """Lines for what was added (+), removed (-) and changed (~), by name; changes within the tolerance don't count.

    >>> list_changes({"a": 1, "b": 2}, {"b": 5, "c": 3})
    ['- a', '~ b 2 -> 5', '+ c']
    """
    lines: list[str] = []
    for name in sorted(set(old) | set(new)):
        if name not in new:
            lines.append(f"- {name}")
        elif name not in old:
            lines.append(f"+ {name}")
        elif abs(new[name] - old[name]) > tolerance:
            lines.append(f"~ {name} {old[name]} -> {new[name]}")
    return lines

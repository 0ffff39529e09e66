"""Version numbers of releases."""


def compare_versions(one: str, two: str) -> int:
    """-1, 0 or 1 as the first version is older than, equal to or newer than the second.

    Missing parts count as 0, and a version with a suffix ("1.2-rc1") is older than the same one without.

    >>> compare_versions("1.10", "1.9"), compare_versions("2.0", "2"), compare_versions("1.0-rc1", "1.0")
    (1, 0, -1)
    """
    left, left_suffix = _parts(one)
    right, right_suffix = _parts(two)
    size = max(len(left), len(right))
    left += [0] * (size - len(left))
    right += [0] * (size - len(right))
    if left != right:
        return -1 if left < right else 1
    if left_suffix == right_suffix:
        return 0
    if not left_suffix or not right_suffix:
        return 1 if not left_suffix else -1
    return -1 if left_suffix < right_suffix else 1


def _parts(version: str) -> tuple[list[int], str]:
    numbers, _, suffix = version.partition("-")
    return [int(number) for number in numbers.split(".")], suffix

"""Seconds as people write them."""


def format_duration(seconds: int) -> str:
    """Hours, minutes and seconds, parts that are zero left out; a minus in front of negative durations.

    >>> format_duration(3725), format_duration(-60), format_duration(0)
    ('1h 2m 5s', '-1m', '0s')
    """
    sign = "-" if seconds < 0 else ""
    seconds = abs(seconds)
    hours = seconds // 3600
    minutes = seconds % 3600 // 60
    rest = seconds % 60
    parts: list[str] = []
    if hours:
        parts.append(f"{hours}h")
    if minutes:
        parts.append(f"{minutes}m")
    if rest or not parts:
        parts.append(f"{rest}s")
    return sign + " ".join(parts)

"""Why none of the records that were to be written came out."""

from tdscaling.export.writers import Written

NO_PAIR = "no kept trajectory has a near miss of the same plan beside it (playing.near_misses keeps them)"


def why_nothing(written: Written, *, pairs: bool) -> str:
    """The reason of the first record that the format could not hold; of a run's `pairs` there may have been none.

    Empty where nothing was there to be written.
    """
    if written.skipped:
        return written.skipped[0].reason
    return NO_PAIR if pairs else ""

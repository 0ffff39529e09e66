"""Numbers as people write them short: 5k, $2.5m, 3bn."""

import re
from decimal import Decimal

from tdscaling.values.normal import normal_text

_SIGN = r"(?<!(?<!\w)[-−])"
"""Behind a minus: that of a range is none."""
_SHORT = re.compile(
    rf"(?<![\w.,$€£¥]){_SIGN}(?:(?P<money>[$€£¥])?(?P<digits>\d{{1,12}}(?:,\d{{3}})*(?:\.\d{{1,6}})?))"
    r"(?:(?P<unit>k|bn)|(?(money)(?P<million>m)|(?!)))(?!\w)"
)
_WORTH = {"k": 10**3, "m": 10**6, "bn": 10**9}


def shortened(folded: str) -> set[str]:
    """The canonical numbers that a text in lower case writes with k or bn, or with a currency sign before and m behind:
    5m alone may be metres, minutes or millions.

    >>> [sorted(shortened(text)) for text in ("5k-10k a year", "$2.5m, not £1,250.5k", "5m, sku5k, -3k, 4kg, 3bn")]
    [['10000', '5000'], ['1250500', '2500000'], ['3000000000']]
    """
    return {
        normal_text(f"{Decimal(found['digits'].replace(',', '')) * _WORTH[found['unit'] or found['million']]:f}")
        for found in _SHORT.finditer(folded)
    }

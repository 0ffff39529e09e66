"""Telephone numbers in one form."""


def normal_number(text: str, country: str = "49") -> str:
    """A number as +country and digits. "00" and "+" begin an international number, "0" a national one.

    Raises ValueError for fewer than six digits in all.

    >>> normal_number("0171 / 555 1234"), normal_number("0043 1 234567"), normal_number("+1 (555) 010-9999")
    ('+491715551234', '+431234567', '+15550109999')
    """
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) < 6:
        raise ValueError(f"{text!r} is too short")
    if text.strip().startswith("+"):
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    if digits.startswith("0"):
        return "+" + country + digits[1:]
    return "+" + country + digits

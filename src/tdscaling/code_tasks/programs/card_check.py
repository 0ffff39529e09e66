"""The check digit of card numbers."""


def is_valid_card(number: str, shortest: int = 12) -> bool:
    """Whether a card number passes the Luhn check. Spaces and dashes are ignored; letters make it invalid.

    >>> is_valid_card("4539 1488 0343 6467"), is_valid_card("8273 1232 7352 0569")
    (True, False)
    """
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isdigit() or len(digits) < shortest:
        return False
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign)
        if place % 2 == 1:
            value *= 2
            if value > 9:
                value -= 9
        total += value
    return total % 10 == 0

"""Roman numerals."""

SIGNS = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
]  # fmt: skip


def to_roman(number: int) -> str:
    """The Roman numeral of a number from 1 to 3999; ValueError outside.

    >>> to_roman(1994), to_roman(3)
    ('MCMXCIV', 'III')
    """
    if not 1 <= number <= 3999:
        raise ValueError(f"{number} has no numeral")
    text = ""
    for value, sign in SIGNS:
        while number >= value:
            text += sign
            number -= value
    return text

"""Rules for passwords."""


def password_problems(password: str, name: str = "", shortest: int = 8) -> list[str]:
    """What is wrong with a password, in this order: "short", "digit", "case", "repeat", "name".

    It needs a digit, both cases, no character three times in a row, and must not hold the user's name.

    >>> password_problems("aaab"), password_problems("Summer26x", "summer")
    (['short', 'digit', 'case', 'repeat'], ['name'])
    """
    problems: list[str] = []
    if len(password) < shortest:
        problems.append("short")
    if not any(sign.isdigit() for sign in password):
        problems.append("digit")
    if password.lower() == password or password.upper() == password:
        problems.append("case")
    for place in range(len(password) - 2):
        if password[place] == password[place + 1] == password[place + 2]:
            problems.append("repeat")
            break
    if name and name.lower() in password.lower():
        problems.append("name")
    return problems

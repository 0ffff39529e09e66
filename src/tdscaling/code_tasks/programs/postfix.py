"""A calculator for postfix notation."""


def evaluate(expression: str) -> int:
    """The value of integers and + - * / written in postfix form; / rounds towards zero.

    Raises ValueError when the expression is incomplete or divides by zero.

    >>> evaluate("3 4 + 2 *"), evaluate("7 2 /"), evaluate("0 7 - 2 /")
    (14, 3, -3)
    """
    stack: list[int] = []
    for word in expression.split():
        if word not in ("+", "-", "*", "/"):
            stack.append(int(word))
            continue
        if len(stack) < 2:
            raise ValueError(f"{word} lacks a number")
        right = stack.pop()
        left = stack.pop()
        stack.append(_apply(word, left, right))
    if len(stack) != 1:
        raise ValueError("numbers are left over")
    return stack[0]


def _apply(sign: str, left: int, right: int) -> int:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    if right == 0:
        raise ValueError("division by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient

"""Inputs that are texts, names and records."""

from random import Random

from tdscaling.code_tasks.inputs.made import WORDS, Arguments, words
from tdscaling.types import JsonValue


def paragraph(rng: Random) -> Arguments:
    return [" ".join(words(rng, 14)), rng.choice((4, 9, 11, 12, 17, 20))]


def runs(rng: Random) -> Arguments:
    text = "".join(rng.choice("abcx") * rng.randint(1, 5) for _ in range(rng.randint(0, 6)))
    return [text] if rng.random() < 0.5 else [text, rng.choice((2, 4))]


def page(rng: Random) -> Arguments:
    items: list[JsonValue] = list(words(rng, 25))
    return [items, rng.choice((0, 1, 1, 2, 3))] if rng.random() < 0.4 else [items, rng.randint(1, 4), rng.randint(1, 6)]


def seconds(rng: Random) -> Arguments:
    return [rng.choice((0, 59, 60, 3600, 3661, -75, rng.randint(1, 90000), 7200 + rng.randint(0, 59)))]


def time_text(rng: Random) -> Arguments:
    parts = [f"{rng.randint(0, 90)}{unit}" for unit in "dhms" if rng.random() < 0.5]
    text = rng.choice((" ", "")).join(parts) or str(rng.randint(0, 500))
    if rng.random() < 0.3:
        return [str(rng.randint(1, 99)), rng.choice("smhd")]
    return [rng.choice((text, text.upper(), text + "!" if rng.random() < 0.3 else text))]


def csv(rng: Random) -> Arguments:
    plain = ("oak", "", "a b", "12", "7.5")
    quoted = ('"x, y"', '"say ""no"""', '""', '"semi;colon"')
    separator = rng.choice((",", ",", ";"))
    fields = [rng.choice((*plain, *quoted)) for _ in range(rng.randint(1, 5))]
    line = separator.join(fields)
    return [line] if separator == "," and rng.random() < 0.8 else [line, separator]


def letter(rng: Random) -> Arguments:
    slots = ["{name}", "{ city }", "{due}", "{{", "{open", "}"]
    text = " ".join(rng.choice((rng.choice(WORDS), rng.choice(slots))) for _ in range(rng.randint(1, 8)))
    values: JsonValue = {name: rng.choice(WORDS) for name in ("name", "city", "due") if rng.random() < 0.7}
    return [text, values] if rng.random() < 0.7 else [text, values, "-"]


def slug(rng: Random) -> Arguments:
    title = rng.choice((" ", ", ", " & ", "--")).join(word.title() for word in words(rng, 9))
    return [title] if rng.random() < 0.6 else [title, rng.choice((3, 5, 10, 11, 20))]


def frequent(rng: Random) -> Arguments:
    few = rng.sample(WORDS, 5)
    text = " ".join(rng.choice(few) + rng.choice(("", "", ",", ".", "!")) for _ in range(rng.randint(0, 16)))
    text = text.title() if rng.random() < 0.4 else text
    return rng.choice(([text], [text, rng.choice((1, 2, 5))], [text, 3, 4]))


def expenses(rng: Random) -> Arguments:
    names = ("food", "Food ", "travel", "rent", "", "Rent")
    rows: list[JsonValue] = [
        {"category": rng.choice(names), "cents": rng.choice((-5, 0, 10, 50, 60, 100, 140))}
        for _ in range(rng.randint(0, 9))
    ]
    if rng.random() < 0.2:
        rows.append({"cents": 7})
    return [rows] if rng.random() < 0.6 else [rows, rng.choice((50, 150, 160))]


def brackets(rng: Random) -> Arguments:
    good = ("f(a[1])", "{x: (1, [2])}", "((()))", "", "no brackets", "[]{}()")
    text = rng.choice(good)
    if rng.random() < 0.7 and text:
        place = rng.randrange(len(text))
        text = text[:place] + rng.choice(("", ")", "]", "(", "{")) + text[place + 1 :]
    return [text]


def postfix(rng: Random) -> Arguments:
    parts, depth = [str(rng.randint(0, 12))], 1
    while len(parts) < 9 and (depth > 1 or rng.random() < 0.8):
        if depth > 1 and rng.random() < 0.6:
            parts.append(rng.choice("+-*/"))
            depth -= 1
        else:
            parts.append(str(rng.randint(0, 12)))
            depth += 1
    return [" ".join(parts[: rng.choice((len(parts), len(parts), len(parts) - 1))] or ["+"])]


def tasks(rng: Random) -> Arguments:
    names = sorted(rng.sample(WORDS, rng.randint(1, 6)))
    needs: dict[str, JsonValue] = {
        name: list(rng.sample(names[:place], min(place, rng.randint(0, 2)))) for place, name in enumerate(names)
    }
    if rng.random() < 0.2:
        needs[names[0]] = [names[-1]]
    return [needs]


def spelling(rng: Random) -> Arguments:
    one = rng.choice(WORDS)
    two = rng.choice((rng.choice(WORDS), one[1:] + one[0], one[:-1], "", one))
    return [one, two] if rng.random() < 0.6 else [one, two, 2]


def versions(rng: Random) -> Arguments:
    def version() -> str:
        parts = [str(rng.choice((0, 1, 2, 9, 10))) for _ in range(rng.randint(1, 3))]
        return ".".join(parts) + rng.choice(("", "", "", "-rc1", "-rc2"))

    one = version()
    return [one, rng.choice((one, one + ".0" if "-" not in one else one, version(), version()))]


def password(rng: Random) -> Arguments:
    word = rng.choice(("Summer26", "aaab", "ALLCAPS99", "lower1lower", "Good4Passw", "Xyyy12345", "short1A", "Ab1"))
    return [word] if rng.random() < 0.5 else [word, *rng.choice((["summer"], ["lower"], ["", 4], ["", 10]))]


def phone(rng: Random) -> Arguments:
    number = str(rng.randint(100, 9999999))
    text = rng.choice(("0171 / ", "+43 ", "0044-", "", " +1 (555) ", "030-")) + number
    return [text] if rng.random() < 0.7 else [text, rng.choice(("43", "1"))]


def requests(rng: Random) -> Arguments:
    pages: list[JsonValue] = [rng.choice("abcde") for _ in range(rng.randint(0, 14))]
    return [pages] if rng.random() < 0.6 else [pages, rng.choice((1, 2, 4))]


def states(rng: Random) -> Arguments:
    names = rng.sample(WORDS, 5)
    old = {name: rng.randint(0, 9) for name in names if rng.random() < 0.7}
    new = {name: old.get(name, 5) + rng.choice((0, 0, 1, -2, 3)) for name in names if rng.random() < 0.7}
    states: Arguments = [dict(old), dict(new)]
    return states if rng.random() < 0.6 else [*states, rng.choice((1, 2))]


def log(rng: Random) -> Arguments:
    lines: list[JsonValue] = []
    for _ in range(rng.randint(0, 8)):
        level, source = rng.choice(("INFO", "ERROR", "warning", "DEBUG")), rng.choice(("web", "db"))
        word = rng.choice(WORDS)
        lines.append(rng.choice((f"{level} {source}: {word}", f"{level} {source}: {word}", word, f"ERROR {word}")))
    return [lines] if rng.random() < 0.6 else [lines, rng.choice(("info", "error"))]


def numerals(rng: Random) -> Arguments:
    good = ("XIV", "mmxxvi", "CDXLIV", "III", "XCIX", "MCMXLVIII", "dclxvi", "IX", "XL", "CM", "MDCCC", "XLIX")
    return [rng.choice((*good, *good, "XIB", ""))]


def card(rng: Random) -> Arguments:
    digits = [rng.randint(0, 9) for _ in range(rng.choice((8, 11, 12, 15, 16)))]
    total = sum(d if place % 2 == 1 else (2 * d - 9 if d > 4 else 2 * d) for place, d in enumerate(digits[::-1]))
    last = (10 - total % 10) % 10 if rng.random() < 0.6 else rng.randint(0, 9)
    text = "".join(map(str, [*digits, last]))
    if rng.random() < 0.5:
        text = rng.choice(" -").join(text[at : at + 4] for at in range(0, len(text), 4))
    number: Arguments = [text if rng.random() < 0.9 else text[:-1] + "x"]
    return number if rng.random() < 0.7 else [*number, rng.choice((8, 10, 14))]


def ballots(rng: Random) -> Arguments:
    names = ("ada", "ben", "cleo", "dan")
    return [[list(rng.sample(names, rng.randint(1, 4))) for _ in range(rng.randint(0, 9))]]


def roads(rng: Random) -> Arguments:
    places = rng.sample(WORDS, 5)
    roads: list[JsonValue] = [[*rng.sample(places, 2), rng.randint(1, 9)] for _ in range(rng.randint(2, 8))]
    return [roads, rng.choice(places), rng.choice(places)]

"""Families of specifications: rules whose numbers, names and special cases are drawn by seed."""

from collections.abc import Callable
from random import Random

from tdscaling.code_tasks.implementing.spec import Spec
from tdscaling.code_tasks.inputs import Arguments
from tdscaling.types import JsonValue


def bands(rng: Random) -> Spec:
    """A value falls in a band."""
    what, names = rng.choice(
        (
            ("score", ("poor", "fair", "good", "great", "top")),
            ("speed", ("slow", "steady", "fast", "racing", "extreme")),
            ("depth", ("shallow", "low", "mid", "deep", "abyss")),
            ("balance", ("basic", "bronze", "silver", "gold", "platinum")),
        )
    )
    names = names[: rng.randint(3, 5)]
    edges = sorted(rng.sample(range(10, 95), len(names) - 1))
    closed = rng.random() < 0.5
    sign = "<=" if closed else "<"
    lines = "".join(
        f"    if {what} {sign} {edge}:\n        return {name!r}\n" for edge, name in zip(edges, names, strict=False)
    )
    top = rng.choice((100, 120, 150))
    function = f"{what}_band"
    source = (
        f"def {function}({what}):\n    if {what} < 0 or {what} > {top}:\n"
        f"        raise ValueError('outside 0 to {top}')\n"
        f"{lines}    return {names[-1]!r}\n"
    )
    upto = "up to and including" if closed else "below"
    rules = (
        *(f"{upto.capitalize()} {edge} it is {name!r}." for edge, name in zip(edges, names, strict=False)),
        f"Everything above is {names[-1]!r}.",
        f"A {what} outside 0 to {top} raises ValueError.",
    )

    def inputs(rng: Random) -> Arguments:
        return [rng.choice((*edges, *(edge + 1 for edge in edges), 0, -1, top, top + 1, rng.randint(0, top)))]

    return Spec(f"{what}s", function, what, f"says in which band a {what} falls", rules, source, inputs)


def fees(rng: Random) -> Spec:
    """A price with an allowance, a rate, a surcharge and a cap."""
    unit, thing = rng.choice(
        (("minutes", "parking"), ("kilos", "luggage"), ("pages", "printing"), ("hours", "storage"))
    )
    free, rate, cap = rng.randint(2, 30), rng.randint(3, 40), rng.randint(9, 40) * 50
    extra, limit = rng.randint(5, 50), rng.randint(40, 90)
    member = rng.choice((10, 20, 25, 50))
    source = (
        f"def {thing}_fee({unit}, member=False):\n    if {unit} < 0:\n        raise ValueError('negative {unit}')\n"
        f"    paid = max(0, {unit} - {free})\n    cents = paid * {rate}\n    if {unit} > {limit}:\n"
        f"        cents += {extra}\n    if member:\n        cents -= cents * {member} // 100\n"
        f"    return min(cents, {cap})\n"
    )
    rules = (
        f"The first {free} {unit} are free, each further one costs {rate} cents.",
        f"Above {limit} {unit} there are {extra} cents on top.",
        f"Members get {member} percent off, the discount rounded down to whole cents.",
        f"The fee is never more than {cap} cents; the cap comes last.",
        f"Negative {unit} raise ValueError.",
    )

    def inputs(rng: Random) -> Arguments:
        amount = rng.choice((0, free, free + 1, limit, limit + 1, -1, rng.randint(0, 150)))
        return [amount] if rng.random() < 0.5 else [amount, rng.random() < 0.7]

    does = f"gives the fee for {thing} in cents"
    return Spec(f"{thing}_fees", f"{thing}_fee", f"{unit}, member=False", does, rules, source, inputs)


def codes(rng: Random) -> Spec:
    """Identifiers with a prefix and a check digit."""
    thing = rng.choice(("ticket", "parcel", "badge", "locker", "coupon"))
    prefix = "".join(rng.sample("ABCDEFGHKLMNPRSTUVW", 2))
    digits, modulus = rng.randint(4, 7), rng.choice((7, 9, 10))
    weights = [rng.randint(1, 9) for _ in range(digits)]
    source = (
        f"WEIGHTS = {weights}\n\n\ndef is_{thing}_code(text):\n    code = text.strip().upper()\n"
        f"    if len(code) != {digits + 3} or not code.startswith({prefix!r}):\n        return False\n"
        f"    digits = code[2:]\n    if not digits.isdigit():\n        return False\n"
        f"    total = sum(int(d) * w for d, w in zip(digits, WEIGHTS))\n"
        f"    return total % {modulus} == int(digits[-1])\n"
    )
    rules = (
        f"A code is {prefix}, then {digits} digits, then a check digit.",
        "Case does not matter, nor do spaces around it.",
        f"The check digit is the sum of the {digits} digits times the weights {weights}, modulo {modulus}.",
        "Anything else is no valid code.",
    )

    def inputs(rng: Random) -> Arguments:
        drawn = [rng.randint(0, 9) for _ in range(digits)]
        check = sum(d * w for d, w in zip(drawn, weights, strict=True)) % modulus
        last = check if rng.random() < 0.6 else rng.randint(0, 9)
        text = prefix + "".join(map(str, [*drawn, last]))
        return [rng.choice((text, text, text.lower(), f" {text} ", text[:-1], text[1:] + "0", text.replace("1", "x")))]

    does = f"tells whether a text is a valid {thing} code"
    return Spec(f"{thing}_codes", f"is_{thing}_code", "text", does, rules, source, inputs)


def machines(rng: Random) -> Spec:
    """A life cycle with allowed events."""
    thing, states, events = rng.choice(
        (
            ("order", ("new", "paid", "packed", "sent", "closed"), ("pay", "pack", "send", "close")),
            ("door", ("open", "closed", "locked", "sealed"), ("shut", "lock", "seal")),
            ("issue", ("reported", "accepted", "started", "solved"), ("accept", "start", "solve")),
            ("print_job", ("queued", "loaded", "printing", "done"), ("load", "start", "finish")),
        )
    )
    back = rng.choice(("reset", "undo"))
    to = "states[0]" if back == "reset" else "states[max(0, place - 1)]"
    lenient = rng.random() < 0.5
    wrong = "            continue\n" if lenient else "            raise ValueError(event)\n"
    source = (
        f"STATES = {list(states)}\nEVENTS = {list(events)}\n\n\ndef {thing}_state(events):\n    states = STATES\n"
        f"    state = states[0]\n    for event in events:\n        place = states.index(state)\n"
        f"        if event == {back!r}:\n            state = {to}\n"
        f"        elif place < len(EVENTS) and event == EVENTS[place]:\n            state = states[place + 1]\n"
        f"        else:\n{wrong}    return state\n"
    )
    steps = ", ".join(
        f"{event} turns {one} into {two}" for event, one, two in zip(events, states, states[1:], strict=False)
    )
    rules = (
        f"It begins as {states[0]!r}: {steps}.",
        f"{back!r} leads back to {states[0]!r}."
        if back == "reset"
        else f"{back!r} leads one state back, never before {states[0]!r}.",
        "An event that does not fit the state is ignored." if lenient else "Any other event raises ValueError.",
    )

    def inputs(rng: Random) -> Arguments:
        told: list[JsonValue] = list(events[: rng.randint(0, len(events))])
        for _ in range(rng.randint(0, 2)):
            told.insert(rng.randint(0, len(told)), rng.choice((back, back, rng.choice(events))))
        return [told]

    name = thing.replace("_", " ")
    does = f"gives the state of {'an' if name[0] in 'aeiou' else 'a'} {name} after a list of events"
    return Spec(f"{thing}_states", f"{thing}_state", "events", does, rules, source, inputs)


def settings(rng: Random) -> Spec:
    """Text with pairs, in a notation of its own."""
    joint, sign = rng.choice(((";", "="), (",", ":"), ("|", "="), ("&", ":")))
    policy = rng.choice(("first", "last", "all"))
    flag = rng.choice(("yes", "on", "1"))
    keep = {
        "first": "        found.setdefault(key, value)\n",
        "last": "        found[key] = value\n",
        "all": "        found[key] = found[key] + ',' + value if key in found else value\n",
    }[policy]
    source = (
        f"def read_settings(text):\n    found = {{}}\n    for part in text.split({joint!r}):\n"
        f"        if not part.strip():\n            continue\n        key, equals, value = part.partition({sign!r})\n"
        f"        key = key.strip().lower()\n        value = value.strip() if equals else {flag!r}\n"
        f"        if not key:\n            raise ValueError('a value without a name')\n{keep}    return found\n"
    )
    doubles = {
        "first": "the first value of a name counts",
        "last": "the last value of a name counts",
        "all": "the values of a name that occurs again are joined by a comma",
    }[policy]
    rules = (
        f"Pairs are separated by {joint!r}, name and value by the first {sign!r}; spaces around both are dropped.",
        f"Names are made lower case, and {doubles}.",
        f"A name without {sign!r} has the value {flag!r}; empty parts are skipped.",
        "A value without a name raises ValueError.",
    )

    def inputs(rng: Random) -> Arguments:
        names, values = ("Mode", "mode", "size", "Debug", " host "), ("fast", " 12", "", f"a{sign}b", "x y")
        parts = [
            rng.choice((f"{rng.choice(names)}{sign}{rng.choice(values)}", rng.choice(names), "", " "))
            for _ in range(rng.randint(0, 5))
        ]
        return [joint.join([*parts, *([f"{sign}lost"] if rng.random() < 0.1 else [])])]

    return Spec("settings_text", "read_settings", "text", "reads settings from a text", rules, source, inputs)


def rankings(rng: Random) -> Spec:
    """Records filtered, ordered and cut."""
    thing, number, name = rng.choice(
        (
            ("players", "points", "name"),
            ("films", "votes", "title"),
            ("shops", "turnover", "owner"),
            ("trees", "height", "species"),
        )
    )
    least, count, tie = rng.randint(10, 40), rng.randint(2, 5), rng.random() < 0.5
    descending = rng.random() < 0.7
    key = f"(-row[{number!r}], row[{name!r}])" if descending else f"(row[{number!r}], row[{name!r}])"
    test = f"row[{number!r}] >= {least}" if tie else f"row[{number!r}] > {least}"
    source = (
        f"def best_{thing}(rows, count={count}):\n"
        f"    known = [row for row in rows if row.get({number!r}) is not None and {test}]\n"
        f"    ranked = sorted(known, key=lambda row: {key})\n"
        f'    return [f"{{place}}. {{row[{name!r}]}}" for place, row in enumerate(ranked[:count], start=1)]\n'
    )
    rules = (
        f"Rows have {name!r} and {number!r}; rows whose {number!r} is missing or null don't count.",
        f"Only rows with {number} {'of at least' if tie else 'above'} {least} are kept.",
        f"They are ordered by {number}, {'highest' if descending else 'lowest'} first, equal ones by {name}.",
        f"The first {count} are given (`count` changes that), as texts like '1. Name'.",
    )

    def inputs(rng: Random) -> Arguments:
        rows: list[JsonValue] = []
        for _ in range(rng.randint(0, 8)):
            row: dict[str, JsonValue] = {name: rng.choice(("Ash", "Bo", "Cleo", "Dov", "Eve", "Finn"))}
            if rng.random() < 0.85:
                row[number] = rng.choice((least, least - 1, least + 1, rng.randint(0, 90), None))
            rows.append(row)
        return [rows] if rng.random() < 0.6 else [rows, rng.randint(1, 6)]

    does = f"ranks {thing} by {number}"
    return Spec(f"{thing}_ranking", f"best_{thing}", f"rows, count={count}", does, rules, source, inputs)


def calendars(rng: Random) -> Spec:
    """Dates that recur."""
    thing = rng.choice(("watering", "backup", "cleaning", "inspection", "payday"))
    every, off = rng.randint(2, 11), rng.choice((("Sunday", 6), ("Saturday", 5), ("Monday", 0)))
    later = rng.random() < 0.5
    move = "        shown = day + timedelta(days=1) if later else day - timedelta(days=1)\n"
    source = (
        f"from datetime import date, timedelta\n\n\ndef {thing}_days(first, count):\n"
        f"    if count < 0:\n        raise ValueError('a negative count')\n"
        f"    day = date.fromisoformat(first)\n    days = []\n    for _ in range(count):\n        shown = day\n"
        f"        if day.weekday() == {off[1]}:\n    {move.replace('later', str(later))}"
        f"        days.append(shown.isoformat())\n        day += timedelta(days={every})\n    return days\n"
    )
    rules = (
        f"It happens every {every} days from `first` (like '2026-03-01') on, `count` times in all, `first` included.",
        f"A date that falls on a {off[0]} is shown as the day {'after' if later else 'before'}.",
        "The rhythm does not move by that.",
        "A negative count raises ValueError.",
    )

    def inputs(rng: Random) -> Arguments:
        return [f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}", rng.choice((0, 1, 3, 6, 8, -1))]

    does = f"lists the dates of the {thing}"
    return Spec(f"{thing}_calendar", f"{thing}_days", "first, count", does, rules, source, inputs)


def shelves(rng: Random) -> Spec:
    """Boxes put on shelves one after the other."""
    thing = rng.choice(("crates", "suitcases", "folders", "bins"))
    limit, most = rng.randint(12, 40), rng.randint(2, 5)
    source = (
        f"def load_{thing}(weights):\n    loads = []\n    current = []\n    for weight in weights:\n"
        f"        if weight > {limit}:\n            raise ValueError(weight)\n"
        f"        if current and (sum(current) + weight > {limit} or len(current) == {most}):\n"
        f"            loads.append(current)\n            current = []\n        current.append(weight)\n"
        f"    if current:\n        loads.append(current)\n    return loads\n"
    )
    rules = (
        f"The {thing} are loaded in the order given; a load weighs at most {limit} and holds at most {most} of them.",
        "When the next one does not fit, a new load begins.",
        f"One that weighs more than {limit} by itself raises ValueError.",
        "The result is a list of loads, each the list of its weights; no load is empty.",
    )

    def inputs(rng: Random) -> Arguments:
        heaviest = limit + 1 if rng.random() < 0.1 else limit
        return [[rng.choice((rng.randint(1, heaviest), limit // 2, heaviest // 3)) for _ in range(rng.randint(0, 9))]]

    does = f"splits {thing} into loads by weight"
    return Spec(f"{thing}_loading", f"load_{thing}", "weights", does, rules, source, inputs)


FAMILIES: tuple[Callable[[Random], Spec], ...] = (
    bands,
    calendars,
    codes,
    fees,
    machines,
    rankings,
    settings,
    shelves,
)

"""Form letters."""


def fill_letter(template: str, values: dict[str, str], missing: str = "?") -> str:
    """Puts values into the `{name}` slots of a template. A slot without a value becomes `missing`; `{{` is a brace.

    >>> fill_letter("Dear {name}, you owe {sum}.", {"name": "Ann"})
    'Dear Ann, you owe ?.'
    """
    text = ""
    place = 0
    while place < len(template):
        if template.startswith("{{", place):
            text += "{"
            place += 2
        elif template[place] == "{" and "}" in template[place:]:
            end = template.index("}", place)
            name = template[place + 1 : end].strip()
            text += values.get(name, missing)
            place = end + 1
        else:
            text += template[place]
            place += 1
    return text

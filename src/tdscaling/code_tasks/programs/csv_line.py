"""One line of a CSV file."""


def split_fields(line: str, separator: str = ",") -> list[str]:
    """The fields of a line. Quoted fields may hold separators; two quotes in one stand for a quote.

    >>> split_fields('a,"b, c",d')
    ['a', 'b, c', 'd']
    >>> split_fields('"a ""b"" c",x')
    ['a "b" c', 'x']
    """
    fields: list[str] = []
    current = ""
    quoted = False
    place = 0
    while place < len(line):
        sign = line[place]
        if quoted and sign == '"' and line[place + 1 : place + 2] == '"':
            current += '"'
            place += 1
        elif sign == '"':
            quoted = not quoted
        elif sign == separator and not quoted:
            fields.append(current)
            current = ""
        else:
            current += sign
        place += 1
    fields.append(current)
    return fields

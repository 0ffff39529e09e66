"""What counts as a word of a text, in scripts that put spaces between words and in those that don't."""

import re

_IDEOGRAPHS = "\u3005-\u3007\u3021-\u3029\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKED = "".join(
    (
        "\u0e01-\u0e3a\u0e40-\u0e4e",  # Thai; its digits are read as those of any script
        "\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf",  # Lao
        "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a-\uaa7f",  # Myanmar
        "\u1780-\u17d3\u17d7\u17dc\u17dd",  # Khmer
        "\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f",  # kana
    )
)
_UNSPACED = _IDEOGRAPHS + _MARKED
_SPACED_WORD = re.compile(r"[^\W_]+")
_ASCII = bytes(range(128))
_CHARACTER = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+|(?=\w)[{_UNSPACED}](?:(?!\w)[{_MARKED}])*")


def words(text: str) -> list[str]:
    """The runs of letters and digits; of a script without spaces between words each character, with the marks on it.

    >>> words("ord-77 x_1"), words("3月のTokyo天気")
    (['ord', '77', 'x', '1'], ['3', '月', 'の', 'Tokyo', '天', '気'])
    """
    return (_WORD if unspaced(text) else _SPACED_WORD).findall(text)


def spaced(text: str) -> str:
    """The text with blanks around every character of a script without spaces between words.

    >>> spaced("共12.5元")
    ' 共 12.5 元 '
    """
    return _CHARACTER.sub(r" \g<0> ", text) if unspaced(text) else text


def unspaced(text: str) -> bool:
    """Whether any of a text is in a script without spaces between words.

    >>> unspaced("Zürich, Москва"), unspaced("東京 station")
    (False, True)
    """
    if text.isascii():
        return False
    rest = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)  # thrice as fast as to search all of it
    return _CHARACTER.search(rest.decode("utf-8", "surrogatepass")) is not None

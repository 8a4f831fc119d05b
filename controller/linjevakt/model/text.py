"""Text of others: equal where it looks equal, and with what a terminal obeys or nobody sees written out."""

import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls (ESC, CSI), formats (bidi overrides), surrogates, line and paragraph separators (Unicode 15, table 4-4)."""

_LAYOUT: Final = "\n\t"  # of a text of several lines, such as a diff


def composed(text: str) -> str:
    """The text in Unicode's form NFC: an å is one letter, however it was typed, and two that look alike are equal."""
    return unicodedata.normalize("NFC", text)


def visible(text: str) -> str:
    r"""The text with each hidden character as JSON escapes it (`\u001b`), line feeds and tabs apart.

    Of a JSON document it changes nothing but the spelling; done twice it does no more than once.
    """
    return _written_out(text, _LAYOUT)


def one_line(text: str) -> str:
    """The same for what stands in one line: line feeds and tabs are written out too."""
    return _written_out(text, "")


def _written_out(text: str, kept: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        char if char in kept or unicodedata.category(char) not in _HIDDEN else _escaped(char) for char in text
    )


def _escaped(char: str) -> str:
    r"""`\uXXXX` for each UTF-16 code unit (RFC 8259, section 7)."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))

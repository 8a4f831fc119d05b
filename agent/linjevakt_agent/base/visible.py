"""Text of others (files, tools) made safe to show: what a terminal would obey is written out instead."""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LAYOUT = "\n\t"


def visible(text: str) -> str:
    r"""Return the text with each hidden character as JSON escapes it (`\u001b`), line feeds and tabs apart.

    Hidden are Unicode's categories of controls, formats (bidi overrides), surrogates, line and paragraph ends. Of a
    JSON document it changes nothing but the spelling.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char in _LAYOUT or unicodedata.category(char) not in _HIDDEN else _escaped(char) for char in text
    )


def _escaped(char: str) -> str:
    r"""`\uXXXX` for each UTF-16 code unit (RFC 8259, section 7)."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))

"""Reads native configuration files as statements, in the part of each syntax that every reader understands alike.

What a program might read in another way than we do is refused, not interpreted: quotes within words, escapes,
continuation lines, inline comments, several statements a line, lines longer than the program's buffer. All raise
InvalidError with the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from linjevakt_agent.base.errors import InvalidError

_LONGEST_LINE = 1000
"""Octets: dnsmasq (1,024) and chronyd (2,047) read longer lines in pieces, and a comment's end becomes a directive."""

_BLANK = re.compile(r"[ \t]*")
_COMMENT = re.compile(r"[ \t]*#(.*[^\\])?")
_SETTING = re.compile(r"[ \t]*([a-z0-9-]+)(?:[ \t]*=[ \t]*([!-~]*))?[ \t]*")
_WORDS = re.compile(r"[ \t]*([a-z]+)((?:[ \t]+[!-~]+)*)[ \t]*")
_BRACED = re.compile(
    r"[ \t]*(?:(\})|([A-Za-z0-9_-]+)[ \t]*(?:(\{)|=[ \t]*([\w./%:*@+,-]+(?:[ \t]+[\w./%:*@+,-]+)*)))[ \t]*", re.ASCII
)
_NGINX = re.compile(
    r"""(?P<space>[ \t\n]+) | (?P<comment>\#[^\n]*) | (?P<end>[;{}])
      | (?P<word>"[!\#%-\[\]-~]+" | (?:[!-~](?<![;{}"'\\\#$])|\$(?=[a-z_]))+) (?=[ \t\n;{]|\Z)""",
    re.VERBOSE,
)
_NFTABLES = re.compile(
    r"""(?P<space>[ \t]+) | (?P<comment>\#.*) | (?P<string>"[ !#-\[\]-~]*") | (?P<newline>\n)
      | (?P<word>[A-Za-z0-9_./*:-]+) | (?P<mark>[{}();,=!<>&|@])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Statement:
    """One directive: its name and what follows it, words apart by one space; whether it opens or closes a block."""

    line: int
    name: str
    value: str = ""
    opens: bool = False
    closes: bool = False


@dataclass(frozen=True)
class Token:
    """One word, string or mark of a file without lines of its own."""

    line: int
    kind: str
    text: str


def settings(body: str) -> Iterator[Statement]:
    """`name` or `name=value` a line (dnsmasq)."""
    for number, line in _lines(body):
        found = _SETTING.fullmatch(line)
        if not found or re.search(r"[\\#]", line):
            raise _unclear(number, "one `option` or `option=value` a line, without `\\`, blanks and comments in it")
        yield Statement(number, found[1], found[2] or "")


def words(body: str) -> Iterator[Statement]:
    """A name and its words a line (chrony, tc)."""
    for number, line in _lines(body):
        found = _WORDS.fullmatch(line)
        if not found or re.search(r"""[\\#"']""", line):
            raise _unclear(
                number, "words apart by blanks, one statement a line, without quotes, `\\` and comments in it"
            )
        yield Statement(number, found[1], " ".join(found[2].split()))


def braced(body: str) -> Iterator[Statement]:
    """`name {`, `name = value` or `}` a line (swanctl)."""
    for number, line in _lines(body):
        found = _BRACED.fullmatch(line)
        if not found or found[2] == "include":  # strongSwan takes that for a directive, whatever follows
            raise _unclear(number, "`name {`, `name = value` or `}` a line, without quotes, `\\` and comments in it")
        yield Statement(number, found[2] or "", found[4] or "", opens=bool(found[3]), closes=bool(found[1]))


def _lines(body: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(body.split("\n"), start=1):
        if len(line.encode()) > _LONGEST_LINE:
            raise InvalidError(f"longer than {_LONGEST_LINE} octets: its program would read it in pieces", line=number)
        if not (_BLANK.fullmatch(line) or _COMMENT.fullmatch(line)):
            yield number, line


def nginx(body: str) -> Iterator[Statement]:
    """`name words;`, `name words {` and `}`, as nginx reads them."""
    said: list[Token] = []
    for token in _tokens(_NGINX, body, "without quotes within words, `\\` and `${`"):
        if token.kind == "word":
            said.append(token)
        elif token.kind == "end":
            if bool(said) == (token.text == "}"):
                raise InvalidError(f"`{token.text}` does not end a directive", line=token.line)
            name, *values = [_unquoted(word.text) for word in said] or [""]
            line = said[0].line if said else token.line
            yield Statement(line, name, " ".join(values), opens=token.text == "{", closes=token.text == "}")
            said = []
    if said:
        raise InvalidError(f"`{said[0].text}` is not ended by `;` or `{{`", line=said[0].line)


def _unquoted(word: str) -> str:
    return word[1:-1] if word.startswith('"') else word


def nftables(body: str) -> Iterator[Token]:
    """Words, strings, marks and newlines."""
    return _tokens(_NFTABLES, body, "without `\\`, `$` and quotes within words")


def _tokens(pattern: "re.Pattern[str]", body: str, how: str) -> Iterator[Token]:
    at, line = 0, 1
    while at < len(body):
        found = pattern.match(body, at)
        if not found:
            raise _unclear(line, how)
        if found.lastgroup not in {"space", "comment"}:
            yield Token(line, found.lastgroup or "", found[0])
        at, line = found.end(), line + found[0].count("\n")


def _unclear(line: int, how: str) -> InvalidError:
    return InvalidError(f"not to be read in one way only; write {how}", line=line)

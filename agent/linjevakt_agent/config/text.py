"""The configuration text of platform `linux`: parse, canonical form, hash, merge, sanitize and diff; no I/O."""

import difflib
import hashlib
import hmac
import json
import re
import tomllib

from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.config.sections import REQUIRED, SECTIONS

FIRST_LINE = "#!linjevakt-config 1"
SECRETS = "secrets.toml"
_HEADER = re.compile(r"##### (\S+)[ \t]*")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""What some reader takes for the end of a line, or what shows the eye another text than the program gets."""

Sections = dict[str, str]
"""Section name -> body; a canonical body ends in exactly one newline and is never empty."""


def parse(text: str) -> Sections:
    """Split `text` into sections in canonical order and form; a section given without a body has the body `""`.

    Raises InvalidError with the line of the text, or of the section: wrong first line, text before the first section, a
    section that is unknown or stands there twice, a character that programs and people do not read alike.
    """
    rows = text.split("\n")
    if rows[0].rstrip(" \t") != FIRST_LINE:
        raise InvalidError(f"the first line must be {FIRST_LINE!r}, not {rows[0][:40]!r}", line=1)
    bodies: dict[str, list[str]] = {}
    body: list[str] | None = None
    for number, line in enumerate(rows[1:], start=2):
        if unseen := _UNSEEN.search(line):
            raise _refused(unseen[0], bodies, number)
        if header := _HEADER.fullmatch(line):
            body = bodies[_new_section(header[1], bodies, number)] = []
        elif body is not None:
            body.append(line)
        elif line.strip():
            raise InvalidError(f"text before the first section header ('##### NAME'): {line[:40]!r}", line=number)
    return {name: _canonical_body("\n".join(bodies[name])) for name in SECTIONS if name in bodies}


def _refused(character: str, bodies: dict[str, list[str]], number: int) -> InvalidError:
    name = next(reversed(bodies), None)
    line = len(bodies[name]) + 1 if name else number
    what = "a carriage return" if character == "\r" else f"the character U+{ord(character):04X}"
    return InvalidError(f"{what} cannot stand in a configuration: lines end in LF alone", section=name, line=line)


def _new_section(name: str, seen: dict[str, list[str]], number: int) -> str:
    if name not in SECTIONS:
        close = difflib.get_close_matches(name, SECTIONS, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known sections: {' '.join(SECTIONS)}"
        raise InvalidError(f"unknown section '{name}'; {hint}", line=number)
    if name in seen:
        raise InvalidError(f"section '{name}' stands there twice", line=number)
    return name


def _canonical_body(body: str) -> str:
    return body.rstrip("\n") + "\n" if body.strip() else ""


def canonical(sections: Sections) -> str:
    """Return the one text that stands for `sections`."""
    parts = [f"##### {name}\n{body}" for name in SECTIONS if (body := _canonical_body(sections.get(name, "")))]
    return "".join([f"{FIRST_LINE}\n", *parts])


def config_hash(sections: Sections) -> str:
    """Lower-case hexadecimal SHA-256 of the canonical text, secrets included."""
    return hashlib.sha256(canonical(sections).encode()).hexdigest()


def replace(_base: Sections, given: Sections) -> Sections:
    """Return exactly the sections given; an empty body leaves its section out."""
    return {name: given[name] for name in SECTIONS if given.get(name)}


def merge(base: Sections, given: Sections) -> Sections:
    """Return `base` with the sections given put in its place; an empty body removes its section."""
    return replace({}, base | given)


def check_complete(sections: Sections) -> None:
    """Raise InvalidError naming the first required section that is missing."""
    for name in REQUIRED:
        if not sections.get(name):
            raise InvalidError(f"required section '{name}' is missing or empty", section=name)


def fingerprint(secret: str, salt: bytes) -> str:
    """Return what a secret shows as: it changes when the value does and tells nothing without the box's salt."""
    return f"<secret {hmac.new(salt, secret.encode(), hashlib.sha256).hexdigest()[:8]}>"


def sanitize(sections: Sections, salt: bytes) -> Sections:
    """Return `sections` with every value of `secrets.toml` replaced by its fingerprint, comments dropped."""
    if SECRETS not in sections:
        return sections
    return sections | {SECRETS: _sanitize_table(sections[SECRETS], salt)}


def _sanitize_table(body: str, salt: bytes) -> str:
    try:
        table = tomllib.loads(body)
    except tomllib.TOMLDecodeError:  # never show what cannot be understood
        return fingerprint(body, salt) + "\n"
    shown = {name: fingerprint(str(value), salt) for name, value in table.items()}
    return "".join(f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in shown.items())


def diff(running: Sections, candidate: Sections) -> str:
    """Return a unified diff per section that differs, three lines of context; empty when the two are equal."""
    return "".join(_diff_section(name, running.get(name, ""), candidate.get(name, "")) for name in SECTIONS)


def _diff_section(name: str, before: str, after: str) -> str:
    return "".join(difflib.unified_diff(lines(before), lines(after), f"running/{name}", f"candidate/{name}"))


def lines(body: str) -> list[str]:
    """Return the lines of a canonical body, their ends included."""
    return [f"{line}\n" for line in body.split("\n")[:-1]]

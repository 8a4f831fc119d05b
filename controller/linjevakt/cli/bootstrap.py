"""How a box is staged at the depot: reads what it says of itself, hands out the configuration to start it with."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from linjevakt.cli.terminal import echo, show_json
from linjevakt.model.change import Candidate
from linjevakt.model.errors import InvalidInputError

Claim = Annotated[
    str, typer.Option("--identity", metavar="FILE|-", help="What `linjevakt-agent identity --json` said.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write here (mode 0600) instead of stdout.")]


def require_writable(out: Path | None) -> None:
    """Raises OSError before anything is staged whose configuration could not be written afterwards; leaves no trace."""
    if out:
        there = out.exists()
        os.close(os.open(out, os.O_WRONLY | os.O_CREAT, 0o600))
        if not there:
            out.unlink()


def deliver(candidate: Candidate, router: str, out: Path | None, *, as_json: bool) -> None:
    """The configuration, which holds secrets, on stdout and nothing else, or in a file that only its owner reads."""
    text = candidate.revealed().reveal()
    if out:
        _write_privately(out, text)
    if as_json:
        plain = {"router": router, "hash": candidate.hash, "file": str(out) if out else None}
        show_json(plain | ({} if out else {"text": text}))
    elif out:
        echo(f"{out}: load it on {router} with `linjevakt-agent config load --replace {out.name}` and commit")
    else:
        echo(text, nl=False)


def box(source: str) -> dict[str, Any]:
    """What the box said of itself, from a file or stdin (`-`). Raises InvalidInputError."""
    raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    try:
        claim = json.loads(raw)
    except ValueError as error:
        raise InvalidInputError(
            f"{source}: not JSON ({error}). Take what `linjevakt-agent identity --json` prints."
        ) from error
    if not isinstance(claim, dict):
        raise InvalidInputError(f"{source}: not a JSON object. Take what `linjevakt-agent identity --json` prints.")
    return claim


def _write_privately(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        os.fchmod(descriptor, 0o600)  # the file may have been there, open to others
        opened.write(text)

"""How a box is staged at the depot: reads what it says of itself, hands out the configuration to start it with."""

import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any

import typer

from linjevakt.cli.terminal import echo, hand_out, show_json
from linjevakt.inventory.reading import STDIN, limited
from linjevakt.model.change import Candidate
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

_LARGEST = 64_000  # octets; a certificate request and a host key are some 700
Claim = Annotated[
    str, typer.Option("--identity", metavar="FILE|-", help="What `linjevakt-agent identity --json` said.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", readable=False, help="Write here (mode 0600) instead of stdout.")
]


def require_writable(out: Path | None) -> None:
    """Raises InvalidInputError for what is no file of its own, OSError for what cannot be written; leaves no trace.

    Called before anything is staged whose configuration could not be written afterwards.
    """
    if out:
        there = out.exists()
        if out.is_symlink() or (there and not out.is_file()):
            raise InvalidInputError(
                Saying("{} is a link or no file: the configuration holds secrets, name a file itself.", out)
            )
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
        echo(
            Saying(
                "{out}: load it on {router} with `linjevakt-agent config load --replace {name}` and commit",
                out=out,
                router=router,
                name=out.name,
            )
        )
    else:
        hand_out(text)


def box(source: str) -> dict[str, Any]:
    """What the box said of itself, from a file or stdin (`-`). Raises InvalidInputError."""
    raw = limited(source, _LARGEST)
    try:
        claim = json.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise _no_claim(source, Saying("not UTF-8")) from error
    except (ValueError, RecursionError) as error:
        raise _no_claim(source, Saying("not JSON") if raw.strip() else Saying("empty")) from error
    if not isinstance(claim, dict):
        raise _no_claim(source, Saying("not a JSON object"))
    return claim


def _no_claim(source: str, what: str) -> InvalidInputError:
    name = "stdin" if source == STDIN else source
    return InvalidInputError(
        Saying("{} is {}. Take what `linjevakt-agent identity --json` prints on the box.", name, what)
    )


def _write_privately(file: Path, text: str) -> None:
    """Whoever has opened the file that was there before, or laid a link in its place, gets nothing of the new one."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=f".{file.name}.", delete=False) as fresh:
        try:
            fresh.write(text)
            fresh.flush()
            Path(fresh.name).replace(file)
        except OSError:
            Path(fresh.name).unlink(missing_ok=True)
            raise

"""The edge of the command line: an error of the house becomes lines on stderr (or JSON) and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from linjevakt.cli.terminal import echo, show_json
from linjevakt.interrupt import INTERRUPTED
from linjevakt.model import system
from linjevakt.model.errors import (
    InvalidInputError,
    InventoryError,
    LackingError,
    LinjevaktError,
    NotFoundError,
    StoppedError,
)
from linjevakt.model.saying import Saying
from linjevakt.model.stop import Stop
from linjevakt.outlet import OutputError

LACKING = 3
WRONG_INPUT = 2
FAILED = 1
_CODES = ((InvalidInputError, WRONG_INPUT), (NotFoundError, WRONG_INPUT), (StoppedError, INTERRUPTED))

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@contextmanager
def edge(*, as_json: bool = False) -> Iterator[None]:
    """Ends the command with a code, never a traceback: what went wrong is told first.

    2 wrong input, 3 something must be in place first, 130 interrupted, 1 else (docs/orders.md).
    """
    try:
        yield
    except InventoryError as error:
        _report_findings(error, as_json=as_json)
        raise typer.Exit(WRONG_INPUT) from error
    except LackingError as error:
        _report_lacking(error, as_json=as_json)
        raise typer.Exit(LACKING) from error
    except OutputError:
        raise  # to the outermost edge: it tells on stderr, whatever was asked for
    except (LinjevaktError, OSError) as error:
        message, code = judged(error)
        _report(message, as_json=as_json)
        raise typer.Exit(code) from error


def judged(error: LinjevaktError | OSError) -> tuple[str, int]:
    """The sentence to show, and the exit code."""
    if isinstance(error, LinjevaktError):
        return Saying("{}", error), next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)
    return system.sentence(error), WRONG_INPUT if system.is_of_a_path(error) else FAILED


def code(stop: Stop, *, done: bool) -> int:
    """The exit code of a command that tells what it did: 0 for all of it, else whether that is for an interrupt."""
    return 0 if done else INTERRUPTED if stop.wanted else FAILED


def _report_findings(error: InventoryError, *, as_json: bool) -> None:
    if as_json:
        findings = [asdict(issue) for issue in error.issues]
        show_json({"error": _counted(error), "findings": findings})
        return
    for issue in error.issues:
        echo(issue, err=True)
    echo(_counted(error), err=True)


def _counted(error: InventoryError) -> str:
    number = len(error.issues)
    return Saying("{n} findings", n=number) if number > 1 else Saying("{n} finding", n=number)


def _report_lacking(error: LackingError, *, as_json: bool) -> None:
    if as_json:
        show_json({"error": str(error), "lacking": [phrase.model_dump() for phrase in error.lacking]})
        return
    echo(Saying("Error: {}: not yet.", error.what), err=True)
    for phrase in error.lacking:
        echo(Saying("  {}", phrase), err=True)


def _report(message: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"error": message})
    else:
        echo(Saying("Error: {}", message), err=True)

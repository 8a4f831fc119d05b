"""The agent's command line as the driver speaks it: commands built, answers and errors read (contract.md section 2)."""

import json
import shlex
from typing import Any

from napalm.base.exceptions import CommandErrorException, CommitError, LockError

PROGRAM = "linjevakt-agent"
_ERRORS = {"locked": LockError, "storage": CommitError, "apply": CommitError}


def command(*words: str) -> str:
    """`linjevakt-agent WORDS --json`, quoted for the router's shell."""
    return shlex.join((PROGRAM, *words, "--json"))


def read(stdout: str) -> dict[str, Any]:
    """The one JSON object that the agent prints. Raises CommandErrorException when it is something else."""
    try:
        answer = json.loads(stdout)
    except ValueError as error:
        raise CommandErrorException(f"the agent did not answer in JSON: {stdout[:200]!r}") from error
    if not isinstance(answer, dict):
        raise CommandErrorException(f"the agent did not answer with an object: {stdout[:200]!r}")
    return answer


def failure(stderr: str, invalid: type[Exception]) -> tuple[str, Exception]:
    """An error's kind and the exception for it; `invalid` is what an invalid candidate raises."""
    try:
        error = json.loads(stderr.strip().splitlines()[-1])["error"]
        kind, message = str(error["kind"]), str(error["message"])
    except (ValueError, LookupError, TypeError):
        return "unavailable", CommandErrorException(stderr.strip() or "the command failed and did not say why")
    classes = _ERRORS | {"invalid": invalid}
    return kind, classes.get(kind, CommandErrorException)(_place(error) + message)


def _place(error: dict[str, Any]) -> str:
    if not error.get("section"):
        return ""
    line = f":{error['line']}" if error.get("line") else ""
    return f"{error['section']}{line}: "

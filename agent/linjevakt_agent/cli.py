"""`linjevakt-agent`: the agent's one command; see section 2 of the contract."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from linjevakt_agent import __version__
from linjevakt_agent.base.errors import ConfigError, InvalidError, UnavailableError, reason
from linjevakt_agent.base.paths import ROOT_VARIABLE, Paths, default_root
from linjevakt_agent.base.visible import visible
from linjevakt_agent.commands import helptext, outlet
from linjevakt_agent.guard.limits import REVERT_MAX_S

Asked = argparse.Namespace
Result = dict[str, Any]
Command = Callable[[Asked], Result | None]
Shown = Callable[[Result], str]


_REVERT_RANGE = f"0<x<={REVERT_MAX_S:g}"


class Parser(argparse.ArgumentParser):
    """Raises instead of exiting, so that a wrong command line is reported like any other error."""

    def error(self, message: str) -> NoReturn:
        """Raise InvalidError."""
        raise InvalidError(f"{message}; see {self.prog} --help")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Leave once the help is out: argparse drops an error of writing it. Raises OSError."""
        if sys.stdout:
            sys.stdout.flush()
        super().exit(status, message)


# -- config ------------------------------------------------------------------------------------------------------------


def _call(asked: Asked, op: str, **fields: object) -> Result:
    from linjevakt_agent.guard import client  # noqa: PLC0415 - only what a command needs is loaded: it must start fast

    return client.call(Paths(asked.root), op, **fields)


def _load(asked: Asked) -> Result:
    return _call(asked, "load", session=asked.session, mode=asked.mode, text=_input(asked.file))


def _input(name: str) -> str:
    from linjevakt_agent.guard.client import LONGEST_REQUEST  # noqa: PLC0415

    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as source:
            data = source.read(LONGEST_REQUEST + 1)
        if len(data) > LONGEST_REQUEST:
            raise InvalidError(f"{name}: more than {LONGEST_REQUEST >> 20} MiB: no router's configuration is so large")
        if not data.strip():
            raise InvalidError(f"{name} is empty: give a configuration, as `linjevakt-agent config show` prints it")
        return data.decode("utf-8")
    except OSError as error:
        raise InvalidError(
            f"cannot read {name}: {reason(error)}; name a file that may be read, or - for stdin"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidError(f"{name} is not UTF-8: save it as UTF-8", line=line) from error


def _commit(asked: Asked) -> Result:
    return _call(asked, "commit", session=asked.session, revert_in=asked.revert_in, message=asked.message)


def _seconds(said: str) -> float:
    """A nan is in no range: JSON has none, and sent as null it would mean a commit without a way back."""
    seconds = float(said)
    if not 0 < seconds <= REVERT_MAX_S:
        raise argparse.ArgumentTypeError(f"{said} is not in the range {_REVERT_RANGE}")
    return seconds


def _show(asked: Asked) -> Result:
    return _call(asked, "show", place=asked.place, sanitized=asked.sanitized)


def _of_session(op: str) -> Command:
    return lambda asked: _call(asked, op, session=asked.session)


def _config_status(asked: Asked) -> Result:
    return _call(asked, "status")


# -- the rest ----------------------------------------------------------------------------------------------------------


def _identity(asked: Asked) -> Result:
    return _call(asked, "identity", name=asked.name)


def _guard(asked: Asked) -> None:
    from linjevakt_agent import box  # noqa: PLC0415

    box.guard(Paths(asked.root)).serve()


def _run(asked: Asked) -> None:
    from linjevakt_agent import run  # noqa: PLC0415

    run.main(asked.root)


def _prove(asked: Asked) -> Result:
    from linjevakt_agent.commands import prove  # noqa: PLC0415

    return prove.main(asked.root, asked.service)


def _status(asked: Asked) -> Result:
    from linjevakt_agent.commands import status  # noqa: PLC0415

    return status.main(asked.root)


def _openings(asked: Asked) -> Result:
    from linjevakt_agent.lines import openings  # noqa: PLC0415

    return openings.main(asked.root, asked.line)


def _readings(asked: Asked) -> Result:
    from linjevakt_agent.commands import kernelfiles  # noqa: PLC0415

    return kernelfiles.read(asked.root, asked.what)


def _login(asked: Asked) -> None:
    from linjevakt_agent.commands import login  # noqa: PLC0415

    words = login.permitted(os.environ.get("SSH_ORIGINAL_COMMAND", ""))
    if words[0] != login.AGENT:
        login.become(words)
    os.environ.pop("SSH_ORIGINAL_COMMAND")
    try:
        own = _parsed(words[1:])
    except InvalidError as error:
        raise InvalidError(f"{error}; {login.ALLOWED}") from error
    if own.command in _NOT_BY_LOGIN or own.root != asked.root or getattr(own, "file", "-") != "-":
        raise InvalidError(f"`{login.short(words)}` is not for a login: {login.ALLOWED}")
    _carry_out(own)


def _facts(asked: Asked) -> Result:
    from linjevakt_agent.commands import facts  # noqa: PLC0415

    return facts.collect(asked.root)


_NOT_BY_LOGIN: tuple[Command, ...] = (_guard, _run, _login)


# -- what people see ---------------------------------------------------------------------------------------------------


def _as_json(result: Result) -> str:
    return json.dumps(result, ensure_ascii=False, indent=2)


def _committed(result: Result) -> str:
    place = f"generation {result['generation']} ({result['hash'][:12]}) is in force"
    return f"{place}; it goes back in {result['revert_in_s']:g} s unless confirmed" if result["pending"] else place


def _stated(result: Result) -> str:
    from linjevakt_agent.commands import display  # noqa: PLC0415

    return display.status(result)


def _doors(result: Result) -> str:
    from linjevakt_agent.lines import openings  # noqa: PLC0415

    return openings.shown(result)


def _standing(result: Result) -> str:
    from linjevakt_agent.commands import standing  # noqa: PLC0415

    return standing.shown(result)


def _generation(said: str) -> Shown:
    return lambda result: f"generation {result['generation']} ({(result['hash'] or '')[:12]}) {said}"


# -- the command line --------------------------------------------------------------------------------------------------


def _default_session() -> str:
    """Whoever is logged in, told apart by their connection: commands of one SSH session belong together."""
    user = os.environ.get("USER") or f"uid{os.getuid()}"
    where = "-".join(os.environ.get("SSH_CONNECTION", "local").split()[:2])
    return f"{user}@{where}"


def _parser() -> Parser:
    parser = Parser(prog="linjevakt-agent", **_told(helptext.AGENT, helptext.AGENT_EXAMPLES))
    parser.add_argument("--version", action="version", version=f"linjevakt-agent {__version__}")
    parser.add_argument("--root", type=Path, default=default_root(), help="begin of the file system (for tests)")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_looking(commands)
    told = _told(helptext.CONFIG, helptext.CONFIG_EXAMPLES)
    config = commands.add_parser("config", help="load, try and confirm a configuration", **told)
    _add_config(config.add_subparsers(title="commands", metavar="COMMAND", required=True))
    identity = _add(commands, "identity", _identity, "certificate request and host key; makes the keys", _as_json)
    identity.add_argument("--name", help="the request's subject; else the host's name")
    _add(commands, "facts", _facts, "name, serial number, model, versions, ports", _as_json)
    readings = _add(commands, "readings", _readings, "what the kernel's own files say", _as_json)
    readings.add_argument("what", choices=("speeds", "environment"))
    _add(commands, "guard", _guard, "a service: the only process that changes the box")
    _add(commands, "run", _run, "a service: watches lines and tunnel, probes, answers SNMP")
    _add(commands, "login", _login, "what a login over SSH gets: few commands, no shell")
    return parser


def _told(what: str, examples: str) -> dict[str, Any]:
    return {"description": what, "epilog": examples, "formatter_class": argparse.RawDescriptionHelpFormatter}


def _add_looking(commands: "argparse._SubParsersAction[Parser]") -> None:
    _add(commands, "status", _status, "how the router is, what is wrong, what to do about it", _standing)
    openings = _add(commands, "openings", _openings, "try what the lines' firewalls let through", _doors)
    openings.add_argument("--line", help="only this line")
    prove = _add(commands, "prove", _prove, "try tunnel, lines and services now, as a proof does", _as_json)
    prove.add_argument("--service", help="only the probes of this service")


def _add_config(commands: "argparse._SubParsersAction[Parser]") -> None:
    load = _add_session(commands, "load", _load, "make a configuration the candidate", _loaded)
    mode = load.add_mutually_exclusive_group(required=True)
    for name in ("replace", "merge"):
        mode.add_argument(f"--{name}", dest="mode", action="store_const", const=name)
    load.add_argument("file", nargs="?", default="-", metavar="FILE", help="a file, or - for standard input")
    _add_session(commands, "diff", _of_session("diff"), "running against candidate", lambda result: result["diff"])
    commit = _add_session(commands, "commit", _commit, "put the candidate in force", _committed)
    commit.add_argument(
        "--revert-in", type=_seconds, metavar="SECONDS", help=f"go back unless confirmed within {_REVERT_RANGE}"
    )
    commit.add_argument("--message", default="")
    _add_session(commands, "confirm", _of_session("confirm"), "keep the pending commit", _generation("is confirmed"))
    _add_session(commands, "rollback", _of_session("rollback"), "go back one", _generation("is in force"))
    _add_session(commands, "discard", _of_session("discard"), "forget the candidate", lambda _result: "discarded")
    show = _add(commands, "show", _show, "print a configuration", lambda result: result["text"])
    place = show.add_mutually_exclusive_group()
    for name in ("running", "candidate", "confirmed"):
        place.add_argument(f"--{name}", dest="place", action="store_const", const=name, default="running")
    show.add_argument("--sanitized", action="store_true", help="secrets as fingerprints")
    _add(commands, "status", _config_status, "what is in force, what waits", _stated)


def _loaded(result: Result) -> str:
    return f"candidate {result['hash'][:12]}: {' '.join(result['sections'])}"


def _add(
    commands: "argparse._SubParsersAction[Parser]", name: str, command: Command, said: str, shown: Shown | None = None
) -> Parser:
    parser = commands.add_parser(name, help=said, description=said)
    parser.set_defaults(command=command, shown=shown, json=False)
    if shown:
        parser.add_argument("--json", action="store_true", help="print JSON, errors too")
    return parser


def _add_session(
    commands: "argparse._SubParsersAction[Parser]", name: str, command: Command, said: str, shown: Shown
) -> Parser:
    parser = _add(commands, name, command, said, shown)
    parser.add_argument("--session", default=_default_session(), help="whose transaction; else this login's")
    return parser


def main(argv: list[str] | None = None) -> NoReturn:
    """Carry out one command; exits with the code of the contract's section 2, never with a traceback."""
    outlet.fit()
    arguments = sys.argv[1:] if argv is None else argv
    try:
        _carry_out(_parsed(arguments))
    except (ConfigError, OSError) as error:
        told = error if isinstance(error, ConfigError) else UnavailableError(_where(error))
        as_json = "--json" in arguments or arguments[-1:] == ["login"]
        print(visible(_reported(told, as_json=as_json)), file=sys.stderr)
        sys.exit(told.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def _parsed(arguments: list[str]) -> Asked:
    asked = _parser().parse_args(arguments)
    os.environ[ROOT_VARIABLE] = str(asked.root)
    return asked


def _carry_out(asked: Asked) -> None:
    result = asked.command(asked)
    if result is not None:
        _print(_as_json(result) if asked.json else asked.shown(result))


def _print(shown: str) -> None:
    print(visible(shown), end="" if not shown or shown.endswith("\n") else "\n", flush=True)


def _where(error: OSError) -> str:
    return f"{error.filename}: {reason(error)}" if error.filename else reason(error)


def _reported(error: ConfigError, *, as_json: bool) -> str:
    return json.dumps({"error": error.to_json()}, ensure_ascii=False) if as_json else f"error: {error}"

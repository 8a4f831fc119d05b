"""Ansible's dynamic inventory: the script `linjevakt-ansible-inventory`, to be given to `ansible -i`."""

import argparse
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from linjevakt import outlet, settings
from linjevakt.model import lookup, system
from linjevakt.model.errors import InvalidInputError, LinjevaktError, NotFoundError
from linjevakt.model.saying import Saying, in_language
from linjevakt.model.text import visible
from linjevakt.plugins.hosts import Host, hosts

WRONG_INPUT = 2
FAILED = 1
_UNSAFE = "__ansible_unsafe"  # Ansible's mark for text that is never a template (tried with ansible-core 2.14 to 2.19)
_WORD = re.compile(r"[A-Za-z0-9._:/@+-]*")  # what no template language reads anything into


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script: JSON on stdout, or a sentence on stderr and an exit code other than 0."""
    outlet.fit()
    asked = _parser().parse_args(arguments)
    try:
        found = hosts(settings.load())
        answer = _one(found, asked.host) if asked.host else _all(found)
        print(json.dumps(answer, indent=2), flush=True)  # noqa: T201 - what it escapes is safe to show
    except LinjevaktError as error:
        return _failed(error, WRONG_INPUT if isinstance(error, InvalidInputError | NotFoundError) else FAILED)
    except OSError as error:
        return _failed(system.sentence(error), FAILED)
    return 0


def _failed(message: object, code: int) -> int:
    said = in_language(Saying("Error: {}", message), os.environ.get("LINJEVAKT_LANG", ""))
    print(visible(said), file=sys.stderr)  # noqa: T201 - a plugin of Ansible has no terminal of ours
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Linjevakt's fleet as an inventory of Ansible.")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--list", action="store_true", help="all groups, hosts and variables")
    asked.add_argument("--host", metavar="ROUTER", help="the variables of one router")
    return parser


def _all(found: Sequence[Host]) -> dict[str, Any]:
    groups: dict[str, list[str]] = defaultdict(list)
    for host in found:
        for name in host.groups:
            groups[name].append(host.name)
    variables = {host.name: _variables(host) for host in found}
    return {"_meta": {"hostvars": variables}} | {name: {"hosts": groups[name]} for name in sorted(groups)}


def _one(found: Sequence[Host], name: str) -> dict[str, Any]:
    known = {host.name: host for host in found}
    if name not in known:
        raise lookup.no_router(name, known)
    return _variables(known[name])


def _variables(host: Host) -> dict[str, Any]:
    """Ours begin with `linjevakt_`: Ansible has variables of its own for `role` and the like."""
    ours = {f"linjevakt_{name}": value for name, value in host.data.items()}
    plain = {"ansible_host": host.address, "ansible_user": host.user, "linjevakt_driver": host.driver} | ours
    return {name: _inert(value) for name, value in plain.items()}


def _inert(value: Any) -> Any:
    """The same, with each text in it marked as no template: Ansible runs what a name like `{{ lookup(...) }}` says."""
    match value:
        case str():
            return value if _WORD.fullmatch(value) else {_UNSAFE: value}
        case dict():
            return {name: _inert(inner) for name, inner in value.items()}
        case list():
            return [_inert(inner) for inner in value]
    return value


if __name__ == "__main__":
    sys.exit(main())

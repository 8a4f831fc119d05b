"""Tries a configuration with the programs that will read it; runs where there is nothing else (the checker's cell)."""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from linjevakt_agent.base import schema, tools
from linjevakt_agent.base.disk import read_text
from linjevakt_agent.base.errors import ConfigError, InvalidError, UnavailableError
from linjevakt_agent.base.paths import BASE, PUBLIC_KEY, REVOKED
from linjevakt_agent.base.tools import ToolError
from linjevakt_agent.config.sections import SECTIONS
from linjevakt_agent.config.text import SECRETS, Sections
from linjevakt_agent.force import readback, shaping
from linjevakt_agent.ipsec import tunnels
from linjevakt_agent.network import desired
from linjevakt_agent.validation import content, directives, revocation

_RUNNING = f"{BASE}/running/"
_TUNNEL_DEVICE = "ipsec0"
_CHARON_START_S = 10.0
_FOREIGN = re.compile(r"(^|[^\w.])/\w")
_SWANCTL_SAYS = r"swanctl\.conf:\d+|^loading .* failed"
_SILENT = "its program refuses it and does not say where"


@dataclass(frozen=True)
class Trial:
    """A configuration written out for a trial: its files refer to each other in `directory`, not to what is running.

    Of the box itself there are the public key and the list of revoked certificates in force.
    """

    sections: Sections
    directory: Path
    public_key: Path
    revoked: Path

    def file(self, name: str) -> str:
        """Return the path of a section."""
        return str(self.directory / name)

    def run(self, argv: list[str], line: str, stdin: str = "") -> None:
        """Run a tool; what it says becomes an InvalidError, `line` (a pattern with one group) finds where it points."""
        try:
            tools.run(argv, stdin=stdin)
        except ToolError as error:
            if not error.ran:
                raise UnavailableError(error.message) from error
            found = re.search(line, error.output)
            raise InvalidError(self.shown(error.output, line), line=int(found[1]) if found else None) from error

    def shown(self, output: str, line: str) -> str:
        """Return of a tool's words those that point to a line of ours, else those that name no other file."""
        said = [
            row.replace(f"{self.directory}/charon/", "").replace(f"{self.directory}/", "")
            for row in output.splitlines()
        ]
        pointing = [row for row in said if re.search(line, row)]
        return tools.trimmed("\n".join(pointing or [row for row in said if not _FOREIGN.search(row)])) or _SILENT


Check = Callable[[Trial], None]


def _read(check: Callable[[Sections], None]) -> Check:
    return lambda trial: check(trial.sections)


def _router_certificate(trial: Trial) -> None:
    content.router_certificate(trial.public_key)(trial.sections)


def _directives(section: str) -> tuple[str, Check]:
    return section, lambda trial: directives.check(section, trial.sections[section])


def _revocations(trial: Trial) -> None:
    revocation.check_kept(trial.sections, running=trial.revoked)


def _nftables(trial: Trial) -> None:
    statements = (line.split("#", 1)[0].strip() for line in trial.sections["nftables.conf"].splitlines())
    first = next((statement for statement in statements if statement), "")
    if first.rstrip(";") != "flush ruleset":
        raise InvalidError(
            "must begin with `flush ruleset`: the new rules take the place of all others at once", line=1
        )
    trial.run(["nft", "-c", "-f", trial.file("nftables.conf")], r"nftables\.conf:(\d+)")


def _shaping(trial: Trial) -> None:
    batch = trial.sections["shaping.tc"]
    for number, line in enumerate(batch.splitlines(), start=1):
        if line.split("#", 1)[0].strip() and not shaping.device(line):
            raise InvalidError("names no device (`dev NAME`)", line=number)
    shaping.make_intermediate(batch)
    trial.run(["tc", "-batch", trial.file("shaping.tc")], r"shaping\.tc:(\d+)")


def _dnsmasq(trial: Trial) -> None:
    trial.run(["dnsmasq", "--test", f"--conf-file={trial.file('dnsmasq.conf')}"], r"at line (\d+)")


def _nginx(trial: Trial) -> None:
    argv = ["nginx", "-t", "-q", "-e", "stderr", "-g", "daemon off;", "-c", trial.file("nginx.conf")]
    trial.run(argv, r"nginx\.conf:(\d+)")


def _chrony(trial: Trial) -> None:
    trial.run(["chronyd", "-p", "-f", trial.file("chrony.conf")], r"at line (\d+)")


def _swanctl(trial: Trial) -> None:
    with scratch_charon(trial) as vici:
        load_tunnels(trial, vici)


@contextmanager
def scratch_charon(trial: Trial) -> Iterator[Path]:
    """Have a charon of the trial's own, with the candidate's certificates and no key; yields its vici socket."""
    scratch = trial.directory / "charon"
    vici = _lay_out(trial, scratch)
    os.environ |= {"STRONGSWAN_CONF": str(scratch / "strongswan.conf"), "SWANCTL_DIR": str(scratch)}
    with (scratch / "log").open("w") as log:
        charon = subprocess.Popen(["charon-systemd"], stdout=log, stderr=log)
    try:
        _await(vici, charon, scratch / "log")
        yield vici
    finally:
        charon.kill()
        charon.wait()


def load_tunnels(trial: Trial, vici: Path) -> None:
    """Load the candidate's connections; raises InvalidError with the line that charon points to."""
    try:
        tunnels.load("--uri", f"unix://{vici}")
    except ToolError as error:
        if not error.ran:
            raise UnavailableError(error.message) from error
        line = tunnels.line_of(error.output, trial.sections["swanctl.conf"])
        raise InvalidError(trial.shown(error.message, _SWANCTL_SAYS), line=line) from error


def _lay_out(trial: Trial, scratch: Path) -> Path:
    """Give the scratch charon the box's settings, the candidate's certificates, and a socket of its own; no key."""
    links = {
        "swanctl.conf": trial.directory / "swanctl.conf",
        "x509/router.crt": trial.directory / "router.crt",
        "x509ca/ca.crt": trial.directory / "ca.crt",
        "x509crl/ca.crl": trial.directory / "ca.crl",
    }
    for name, target in links.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).symlink_to(target)
    vici = scratch / "vici"
    (scratch / "strongswan.conf").write_text(
        f"include /etc/strongswan.conf\ncharon {{\n  start-scripts {{\n    started = true\n  }}\n"
        f"  plugins {{\n    vici {{\n      socket = unix://{vici}\n    }}\n  }}\n}}\n"
    )
    return vici


def _await(vici: Path, charon: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _CHARON_START_S
    while not vici.exists():
        if charon.poll() is not None or time.monotonic() > deadline:
            said = tools.trimmed(log.read_text(errors="replace"))
            raise UnavailableError(f"charon does not start for a trial: {said}", section="swanctl.conf")
        time.sleep(0.02)


READINGS: tuple[tuple[str, Check], ...] = (
    ("hostname", _read(content.hostname)),
    ("network.toml", _read(content.network)),
    ("secrets.toml", _read(content.secrets)),
    ("agent.toml", _read(content.agent)),
    ("authorized_keys", _read(content.authorized_keys)),
    ("flex.pac", _read(content.pac)),
    ("ca.crt", _read(content.ca_certificate)),
    ("ca.crl", _read(revocation.check)),
    ("agent.toml", _revocations),
    ("router.crt", _router_certificate),
    *map(_directives, directives.CHECKS),
)
"""What is checked by reading, all of it before any program sees any of it."""

TRIALS: tuple[tuple[str, Check], ...] = (
    ("nftables.conf", _nftables),
    ("shaping.tc", _shaping),
    ("dnsmasq.conf", _dnsmasq),
    ("nginx.conf", _nginx),
    ("chrony.conf", _chrony),
    ("swanctl.conf", _swanctl),
)
"""What is checked by trying, in the empty network; the slowest last."""


def validate(directory: Path) -> None:
    """Check the sections in `directory`; raises InvalidError naming section and line for the first that is wrong.

    The directory holds the box's public key as well, and the list of revoked certificates in force.
    """
    trial = _read_in(directory)
    _check(READINGS, trial)
    _write_out(trial)
    _prepare_network(trial)
    _check(TRIALS, trial)


def outcome(directory: Path) -> dict[str, Sequence[str]]:
    """Load the sections in `directory`, which the box runs, and read back what that comes to (see `readback`)."""
    trial = _read_in(directory)
    _write_out(trial)
    _prepare_network(trial)
    batch = trial.sections.get("shaping.tc", "")
    tools.run(["nft", "-f", trial.file("nftables.conf")])
    shaping.apply("", batch)
    with scratch_charon(trial) as vici:
        load_tunnels(trial, vici)
        loaded = readback.connections(vici)
    devices = shaping.devices(batch)
    return {"nftables.conf": readback.ruleset(), "shaping.tc": readback.shapes(devices), "swanctl.conf": loaded}


def _check(checks: tuple[tuple[str, Check], ...], trial: Trial) -> None:
    for section, check in checks:
        if section in trial.sections:
            try:
                check(trial)
            except ConfigError as error:
                error.section = error.section or section
                raise


def _read_in(directory: Path) -> Trial:
    """Nothing stays that the programs on trial could look at, above all `secrets.toml`."""
    files = [directory / name for name in SECTIONS if (directory / name).exists()]
    sections = {file.name: read_text(file) for file in files}
    for file in files:
        file.unlink()
    return Trial(sections, directory / "trial", directory / PUBLIC_KEY, directory / REVOKED)


def _write_out(trial: Trial) -> None:
    trial.directory.mkdir(mode=0o711)
    for name, body in trial.sections.items():
        if name != SECRETS:
            here = body.replace(_RUNNING, f"{trial.directory}/")
            (trial.directory / name).write_bytes(here.encode())


def _prepare_network(trial: Trial) -> None:
    """Give the empty network the candidate's devices."""
    found = content.toml(trial.sections["network.toml"], schema.Network)
    names = dict.fromkeys([*desired.interfaces(found), _TUNNEL_DEVICE])
    commands = [f"tuntap add dev {name} mode tap" for name in names]
    try:
        tools.run(["ip", "-batch", "-"], stdin="\n".join(["link set lo up", *commands, ""]))
    except ToolError as error:
        raise UnavailableError(f"cannot make a network for the trial: {error}") from error


def main() -> None:
    """Exit with 0, or print the error as one line of JSON and exit as the contract's section 2 says.

    With `--outcome` nothing is checked, and the last line is what it comes to.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--outcome", action="store_true", help="read back what the configuration comes to")
    asked = parser.parse_args()
    try:
        if asked.outcome:
            os.write(1, json.dumps(outcome(asked.directory)).encode() + b"\n")
        else:
            validate(asked.directory)
    except ConfigError as error:
        os.write(1, json.dumps(error.to_json()).encode() + b"\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

"""The clock of the box: set right by what lies on the disk, compared with a time server, told of where it is wrong.

chrony sets it once a time server answers; that takes the tunnel, which takes certificates that are valid by it.
"""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509

from linjevakt_agent import RELEASED
from linjevakt_agent.base import host, logs
from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.errors import ConfigError
from linjevakt_agent.base.paths import Paths, default_root
from linjevakt_agent.base.schema import Probe
from linjevakt_agent.base.volatile import publish
from linjevakt_agent.collect import CollectError, clock, settings, tunnel
from linjevakt_agent.collect.clock import Kept, State
from linjevakt_agent.machine.evidence import Evidence, Sign
from linjevakt_agent.services import probes
from linjevakt_agent.services.ntp import NtpError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
ASK_SOON_S, ASK_EVERY_S = 8.0, 64.0
"""Between two questions to a time server: until it has found the clock right, and then (chrony's shortest pause)."""

RIGHT_S = 1.0
"""chrony steps the clock when it is farther off (`makestep` in chrony.conf)."""

KEEP_EVERY_S = 3600.0
"""Between two writes of the time to the disk: flash wears out, and an hour does no certificate any harm."""

TRY_AGAIN_S = 60.0
WITHIN_S = 2.0


def at_boot(paths: Paths) -> None:
    """Set the clock by what is on the disk, before any program looks at a certificate; what fails is logged."""
    Timekeeping(paths).mend(asked=False)


def main() -> None:
    """What `linjevakt-prepare` runs."""
    logs.to_stderr("linjevakt-prepare: %(message)s")
    at_boot(Paths(default_root()))


async def watch(root: Path) -> None:
    """Look after the clock until cancelled."""
    keeping = Timekeeping(Paths(root))
    while True:
        await asyncio.to_thread(keeping.turn)
        await asyncio.sleep(LOOK_EVERY_S)


class Timekeeping:
    """What is known of the clock; what must outlive this process is in `/run`, what must outlive a boot on the disk."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._state = clock.state(paths)
        self._asked, self._set, self._kept = (float("-inf"),) * 3  # when last, in seconds of the monotonic clock

    def turn(self) -> None:
        """Ask if it is time to; where no server answers, go by the evidence."""
        now = time.monotonic()
        if now - self._asked >= (ASK_EVERY_S if self._state.right else ASK_SOON_S):
            self._asked = now
            self._compare()
        self.mend(asked=self._state.behind_s is not None)

    # --- asking ---

    def _compare(self) -> None:
        behind, server = _ask(self._paths)
        self._state = msgspec.structs.replace(self._state, behind_s=behind, server=server)
        if behind is not None and abs(behind) <= RIGHT_S:
            self._state = msgspec.structs.replace(
                self._state, known_right=time.time(), known_right_boottime=_boottime()
            )
            self._keep()
        self._publish()

    def _keep(self) -> None:
        if time.monotonic() - self._kept < KEEP_EVERY_S:
            return
        self._kept = time.monotonic()
        try:
            Disk().write(self._paths.base / clock.FILE, msgspec.json.encode(Kept(_now())).decode())
        except ConfigError as error:
            log.warning("the time could not be kept: %s", error)

    # --- setting ---

    def mend(self, *, asked: bool) -> None:
        """Set the clock if it cannot be right; a time server that answers leaves that to chrony."""
        now = _now()
        correction = None if asked else evidence(self._paths, self._state).correction(now)
        if correction is None or time.monotonic() - self._set < TRY_AGAIN_S:
            return
        self._set = time.monotonic()
        told = f"{correction.was:%Y-%m-%d %H:%M} to {correction.to:%Y-%m-%d %H:%M} UTC: {correction.why}"
        try:
            host.load(self._paths.settings / "host.toml").set_clock(correction.to)
        except ConfigError as error:
            log.error("the clock is wrong, and cannot be set from %s; %s", told, error.message)  # noqa: TRY400
            told = f"could not be set from {told}"
        else:
            self._set = float("-inf")  # more may come to light at once
            log.warning("the clock was wrong, and is set from %s", told)
            told = f"was set from {told}"
        self._state = msgspec.structs.replace(self._state, corrected=told)
        self._publish()

    def _publish(self) -> None:
        try:
            publish(self._paths.run / clock.FILE, msgspec.json.encode(self._state))
        except OSError as error:
            log.warning("cannot tell how the clock is: %s", error)


def evidence(paths: Paths, state: State) -> Evidence:
    """What the box's files say of the time; one that cannot be read says nothing."""
    past, ends = [Sign(RELEASED, "this software was made")], []
    for name, what in (("router.crt", "the router's certificate"), ("ca.crt", "the CA's certificate")):
        for found in _certificates(_configuration(paths) / name):
            past.append(Sign(found.not_valid_before_utc, f"{what} begins"))
            ends.append(Sign(found.not_valid_after_utc, f"{what} ends"))
    past += [Sign(found.last_update_utc, "the list of revoked certificates was made") for found in _revoked(paths)]
    if refused := tunnel.refused(paths):
        past.append(Sign(refused.begins, "the certificate that the hub shows begins"))
        ends.append(Sign(refused.ends, "the certificate that the hub shows ends"))
    return Evidence(tuple(past), clock.kept(paths), tuple(ends), _reckoned(state))


def _reckoned(state: State) -> datetime | None:
    if state.known_right is None or state.known_right_boottime is None:
        return None
    passed = timedelta(seconds=_boottime() - state.known_right_boottime)
    return datetime.fromtimestamp(state.known_right, UTC) + passed


def _configuration(paths: Paths) -> Path:
    """What is in force; at a boot, before the guard has begun, what it will put in force."""
    return paths.running if paths.running.exists() else paths.confirmed


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return []


def _revoked(paths: Paths) -> list[x509.CertificateRevocationList]:
    try:
        return [x509.load_pem_x509_crl((_configuration(paths) / "ca.crl").read_bytes())]
    except (OSError, ValueError):
        return []


def _ask(paths: Paths) -> tuple[float | None, str | None]:
    """How many seconds the clock is behind the first time server that answers, and which that is."""
    for server in _servers(paths):
        try:
            return probes.time_of(_question(paths, server)).offset_s, server
        except (OSError, NtpError, CollectError):
            continue
    return None, None


def _question(paths: Paths, server: str) -> Probe:
    source = settings.network(paths).management.address
    return Probe("time", "management", "ntp", source, server, timeout_s=WITHIN_S)


def _servers(paths: Paths) -> list[str]:
    """Those of `chrony.conf`; a configuration without it has none."""
    try:
        lines = paths.section("chrony.conf").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [words[1] for words in map(str.split, lines) if words[:1] == ["server"] and len(words) > 1]


def _now() -> datetime:
    return datetime.now(UTC)


def _boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)

"""Compares a box with the generation that it runs: what that comes to, and what kernel, charon and services say."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from linjevakt_agent.base import host
from linjevakt_agent.base.errors import ConfigError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Network
from linjevakt_agent.config import sections
from linjevakt_agent.config.text import Sections
from linjevakt_agent.force import readback, shaping
from linjevakt_agent.force.drift import Difference, View, compare
from linjevakt_agent.ipsec import charon
from linjevakt_agent.ipsec.charon import CharonError

_TRIAL_S = 60.0
_TRY_AGAIN_S = 300.0
T = TypeVar("T")
log = logging.getLogger(__name__)


class Outcomes:
    """What the running generation comes to where nobody can have changed it: found out once, beside other work."""

    def __init__(self, find_out: Callable[[Sections, float], View]) -> None:
        self._find_out = find_out
        self._known: tuple[str, View] = ("", {})
        self._asked = ""
        self._asked_at = float("-inf")

    def of(self, running: Sections, config_hash: str) -> View:
        """Return it by section; nothing while it is not known yet."""
        name, view = self._known
        if name == config_hash:
            return view
        if self._asked != config_hash or time.monotonic() - self._asked_at > _TRY_AGAIN_S:
            self._asked, self._asked_at = config_hash, time.monotonic()
            threading.Thread(target=self._ask, args=(running, config_hash), daemon=True).start()
        return {}

    def _ask(self, running: Sections, config_hash: str) -> None:
        try:
            self._known = config_hash, self._find_out(running, _TRIAL_S)
        except ConfigError as error:
            log.error("rules, tunnels and shaping cannot be compared: %s", error)  # noqa: TRY400 - says it all


class BoxInspector:
    """Looks at a real box; needs root."""

    def __init__(self, paths: Paths, outcome: Callable[[Sections, float], View]) -> None:
        self._paths = paths
        self._outcomes = Outcomes(outcome)
        self._told = ""

    def look(self, running: Sections, config_hash: str) -> tuple[Difference, ...]:
        """See `Applier.look`; sorted."""
        expected = dict(self._outcomes.of(running, config_hash))
        network = self._read(lambda: readback.network(msgspec.toml.decode(running["network.toml"], type=Network)))
        found = {name: lines for name in expected if (lines := self._read(self._readers(running)[name])) is not None}
        if "shaping.tc" in expected:  # a device that is away now gets its shaping when it comes back
            expected["shaping.tc"] = [line for line in expected["shaping.tc"] if shaping.exists(line.partition(":")[0])]
        if network is not None:
            expected["network.toml"], found["network.toml"] = network.expected, network.found
        services = self._read(lambda: tuple(self._services(running)))
        return tuple(sorted((*compare(expected, found), *(services or ()))))

    def _readers(self, running: Sections) -> dict[str, Callable[[], Sequence[str]]]:
        batch = running.get("shaping.tc", "")
        return {
            "nftables.conf": readback.ruleset,
            "swanctl.conf": lambda: readback.connections(self._paths.root / charon.SOCKET),
            "shaping.tc": lambda: readback.shapes(shaping.devices(batch)),
        }

    def _read(self, read: Callable[[], T]) -> T | None:
        """Return what is there; None if it cannot be asked now, which others tell of where it lasts."""
        try:
            return read()
        except CharonError:
            return None
        except (ConfigError, msgspec.MsgspecError) as error:
            self._tell(str(error))
            return None

    def _tell(self, message: str) -> None:
        if message != self._told:
            log.warning("not compared with the configuration: %s", message)
        self._told = message

    def _services(self, running: Sections) -> Iterator[Difference]:
        box = host.load(self._paths.settings / "host.toml")
        wanted = {service: section in running for section, service in sections.SERVICES}
        for service, shall in (wanted | dict.fromkeys(sections.ALWAYS, True)).items():
            if box.is_up(service) != shall:
                yield Difference(service, "service", (f"{'+' if shall else '-'}service {service} runs",))

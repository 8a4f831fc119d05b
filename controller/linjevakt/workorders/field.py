"""The system's hands: does its steps on the real routers of the fleet."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Final

from linjevakt.devices import RawProof
from linjevakt.model import faultdesk
from linjevakt.model.change import Leg, PushResult
from linjevakt.model.errors import ConflictError, DeviceError, apart
from linjevakt.model.inventory import Line, Site, Static
from linjevakt.model.order import FailedLeg
from linjevakt.model.phrase import Phrase
from linjevakt.model.record import Reason
from linjevakt.model.saying import Saying, in_language, word
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.workorders.step import Home
from linjevakt.workorders.trouble import TroubleError, failed

REVERT_IN_S: Final = 60
HOME_WITHIN_S: Final = 60.0
LINES_UP_WITHIN_S: Final = 20.0
_POLL_S: Final = 0.5
_UNPLUGGED: Final = frozenset({"no carrier", "link is down", "no such interface"})  # contract.md section 2
SETTLE_S: Final = 15.0  # DHCP that nobody answers, then each other way of the line in turn (contract.md section 1)


class Field:
    """The `Routers` of a real fleet; `on_step` hears what is being done."""

    def __init__(self, fleet: Fleet, on_step: Callable[[str], None], home_within_s: float = HOME_WITHIN_S) -> None:
        self._fleet, self._on_step, self._home_within_s = fleet, on_step, home_within_s

    def push(self, router: str) -> bool:
        """See Routers."""
        if self._fleet.boxes.read_serial(router) is None or self._fleet.boxes.is_shut_out(router):
            return False
        result = self._fleet.pushing.push(
            router, REVERT_IN_S, lambda step: self._on_step(Saying("{}: {}", router, step))
        )
        if not result.ok:
            self._fleet.stop.check(router, Saying("{}: {}", word(result.state), apart(router, result.reason)))
            raise self._trouble(router, result)
        return True

    def proven(self, router: str) -> None:
        """See Routers. Lines that the change has brought need some seconds to be measured."""
        self._on_step(Saying("{router}: every line", router=router))
        lines = self._site_of(router).lines
        proof = self._until(router, lambda proof: all(_is_up(proof, one.name) for one in lines), LINES_UP_WITHIN_S)
        legs = [leg for line in lines if not _is_up(proof, line.name) for leg in self._down(line, proof)]
        if legs:
            message = Phrase(
                nb=f"{router} virker, men ikke på alle linjene", en=f"{router} works, but not by every line"
            )
            raise TroubleError(message, tuple(legs))

    def home(self, router: str) -> Home:
        """See Routers: home is a router that answers over its tunnel."""
        self._on_step(Saying("{router}: waiting until it comes home", router=router))
        proof = self._until(router, lambda proof: bool(proof.tunnel and proof.tunnel.up), self._home_within_s)
        if not (proof and proof.tunnel and proof.tunnel.up):
            raise TroubleError(_silent(router))
        # a moment more for the lines that are not in use: which addressing works is what the register wants to know
        lines = len(self._site_of(router).lines)
        proof = (
            self._until(router, lambda proof: sum(bool(line.up) for line in proof.lines) >= lines, SETTLE_S) or proof
        )
        return _home(proof)

    def seen(self, router: str) -> Home:
        """See Routers."""
        try:
            return _home(self._fleet.doors.ask(router))
        except DeviceError as error:
            raise TroubleError(_silent(router)) from error

    def pin(self, router: str, box: Mapping[str, str]) -> None:
        """See Routers."""
        self._fleet.boxes.pin(router, box)

    def pinned(self, router: str) -> Mapping[str, str]:
        """See Routers."""
        device = self._fleet.store.devices.get(router)
        ports = {"ports": " ".join(device.ports)} if device.ports else {}
        return {"csr": device.csr, "ssh_host_key": device.host_key, "serial": device.serial, **ports}

    def forget(self, router: str) -> None:
        """See Routers."""
        self._fleet.boxes.forget(router)
        self._enforce()

    def only(self, router: str) -> None:
        """See Routers."""
        self._fleet.boxes.revoke_others(router, Reason.REPLACED)
        self._enforce()

    def shut_out(self, box: str) -> None:
        """See Routers."""
        self._fleet.boxes.shut_out(box)
        self._enforce()

    def _enforce(self) -> None:
        waiting = revocation.enforce(self._fleet, self._on_step, only=revocation.hubs(self._fleet))
        if waiting:
            self._fleet.stop.check(said=Saying("not in force yet on {hubs}", hubs=revocation.named(waiting)))
            raise TroubleError(_not_in_force(waiting))

    def _until(self, router: str, good: Callable[[RawProof], bool], within_s: float) -> RawProof | None:
        """What the router says of itself as soon as that is good, else the last it said; None when it never did."""
        ends, proof = time.monotonic() + within_s, None
        while True:
            self._fleet.stop.check(router)
            try:
                proof = self._fleet.doors.ask(router)
            except (DeviceError, ConflictError):
                pass
            else:
                if good(proof):
                    return proof
            if time.monotonic() >= ends:
                return proof
            time.sleep(_POLL_S)

    def _down(self, line: Line, proof: RawProof | None) -> tuple[FailedLeg, ...]:
        """What nobody answers at may be our own mistake: a provider is called when its address has been looked at."""
        inventory, fault = self._fleet.inventory, _how(proof, line.name)
        call = faultdesk.of_line(inventory, line)
        if not isinstance(line.addressing, Static) or _is_unplugged(proof, line.name):
            return failed([Leg(Saying("line"), ok=False, detail=fault)], call)
        ours = faultdesk.customer_centre(inventory.installation)
        first = call if call.startswith(ours) else f"{ours}, {call}"
        return failed([Leg(Saying("line"), ok=False, detail=_doubted(fault, line.addressing))], first)

    def _trouble(self, router: str, result: PushResult) -> TroubleError:
        """A line that failed was up before the change, which is ours and not its provider's (`proof.judge`)."""
        legs = result.proof.legs if result.proof else ()
        call = faultdesk.customer_centre(self._fleet.inventory.installation)
        return TroubleError(_failed(router, result), failed(legs, call), certain=result.certain)

    def _site_of(self, router: str) -> Site:
        end = self._fleet.inventory.at(router)
        assert isinstance(end, Site)  # noqa: S101 - no order is about a hub
        return end


def _home(proof: RawProof) -> Home:
    return Home(
        line=next((line.name for line in proof.lines if line.in_use), ""),
        lines={line.name: f"{line.method} {line.address}" if line.up else "" for line in proof.lines},
        boot=proof.boot or "",
        carriers={line.name: line.carrier_changes for line in proof.lines if line.carrier_changes is not None},
    )


def _silent(router: str) -> Phrase:
    return Phrase(
        nb=f"{router} svarer ikke. Har den strøm, og er kablene koblet til? Den prøver videre av seg selv.",
        en=f"{router} does not answer. Has it power, and its cables? It goes on trying by itself.",
    )


def _not_in_force(waiting: Collection[revocation.Waiting]) -> Phrase:
    hubs = revocation.named(waiting)
    return Phrase(
        nb=f"Tilbakekalt, men gjelder IKKE ENNÅ på {hubs.said('nb')}. Det prøves på nytt til det gjelder.",
        en=f"Revoked, but NOT YET in force on {hubs}. It is tried again until it is.",
    )


def _failed(router: str, result: PushResult) -> Phrase:
    reason = apart(router, result.reason)
    return Phrase(
        nb=f"{router}: endringen er {word(result.state).said('nb')}: {in_language(reason, 'nb')}",
        en=f"{router}: {result.state}: {reason}",
    )


def _is_up(proof: RawProof | None, name: str) -> bool:
    return bool(proof and any(line.name == name and line.up for line in proof.lines))


def _is_unplugged(proof: RawProof | None, name: str) -> bool:
    return any(line.name == name and line.detail in _UNPLUGGED for line in (proof.lines if proof else ()))


def _doubted(fault: str, given: Static) -> Saying:
    return Saying(
        "{fault}; check first that the provider gave it {address}, gateway {gateway}",
        fault=fault,
        address=given.address,
        gateway=given.gateway,
    )


def _how(proof: RawProof | None, name: str) -> str:
    line = next((line for line in proof.lines if line.name == name), None) if proof else None
    if line is None:
        return Saying("{line} is not there", line=name)
    return Saying("{line} is down: {detail}", line=name, detail=line.detail or Saying("no answer"))

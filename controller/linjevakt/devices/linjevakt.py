"""The adapter of routers that run Linjevakt's agent: its own driver, and `linjevakt-agent` for what NAPALM lacks."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal, TypeVar

from pydantic import ValidationError

from linjevakt.devices.device import Answer, Device, Openings, Pending, RawProof, Target, Told
from linjevakt.devices.napalm import ERRORS, Errors, NapalmDevice, opened
from linjevakt.model.change import Sent, Standing
from linjevakt.model.errors import DeviceError, HostKeyError, about
from linjevakt.model.saying import Saying
from linjevakt.model.wording import told
from napalm_linjevakt.exceptions import HostKeyException

_DRIVER: Final = "linjevakt"
_ERRORS: Final[Errors] = ((HostKeyException, HostKeyError), *ERRORS)
_CLOCK_SKEW: Final = timedelta(minutes=2)  # between the router's clock and ours
_Shape = TypeVar("_Shape", bound=Answer)


@contextmanager
def connect(target: Target) -> Iterator[Device]:
    """See linjevakt.devices.connect."""
    options = {
        "private_key": target.private_key.reveal(),
        "host_key": target.host_key,
        "session": target.session,
        "port": target.port,
    }
    with opened(_DRIVER, target, options, _ERRORS) as driver:
        yield LinjevaktDevice(target.router, driver)


class Generation(Answer):
    """One committed configuration on the router."""

    generation: int
    hash: Told
    committed_at: datetime
    message: Told = ""


class Loaded(Answer):
    """The candidate that lies on the router, and whose it is."""

    hash: Told
    session: Told


class Outcome(Answer):
    """How the router's last commit ended."""

    outcome: Literal["confirmed", "reverted", "rolled-back"]
    reason: Told
    at: datetime


class ConfigStatus(Answer):
    """`config status` (contract.md section 2)."""

    router: Told | None = None
    running: Generation | None = None
    confirmed: Generation | None = None
    candidate: Loaded | None = None
    pending: Pending | None = None
    last: Outcome | None = None

    def standing(self, sent: Sent) -> Standing:
        """See Device."""
        if self.pending and self.pending.session == sent.session:
            return Standing.OURS_PENDING
        if self.running and self.running.hash == sent.hash:
            return Standing.OTHER if self.pending else Standing.OURS_CONFIRMED
        last = self.last
        undone = last is not None and last.outcome != "confirmed" and last.at >= sent.since - _CLOCK_SKEW
        return Standing.BACK if undone else Standing.UNTOUCHED


class LinjevaktDevice(NapalmDevice):
    """A `Device` that is Provable and Openable: its agent tells how the configuration stands, and all else."""

    errors: ClassVar[Errors] = _ERRORS

    def standing(self, sent: Sent) -> Standing:
        """See Device."""
        return self.status().standing(sent)

    def pending(self) -> Pending | None:
        """See Device."""
        return self.status().pending

    def running_hash(self) -> str:
        """See Device."""
        running = self.status().running
        return running.hash if running else ""

    def status(self) -> ConfigStatus:
        """Generations, lock and timer."""
        return self._agent(ConfigStatus, "config", "status")

    def prove(self) -> RawProof:
        """See Provable."""
        return self._agent(RawProof, "prove")

    def openings(self, line: str) -> Openings:
        """See Openable."""
        return _weighed(self._agent(Openings, "openings", "--line", line))

    def _agent(self, shape: type[_Shape], *words: str) -> _Shape:
        command = shlex.join(("linjevakt-agent", *words, "--json"))
        with self._translated():
            answer: Any = self._driver.cli([command])[command]
        try:
            return shape.model_validate_json(answer)
        except ValidationError as error:
            why = Saying("`{command}` gave an answer that we cannot read: {why}", command=command, why=told(error))
            raise DeviceError(about(self._router, why)) from error


def _weighed(answer: Openings) -> Openings:
    """The tunnel needs all but bare ESP, which it wraps in UDP (`encap = yes` in templates/linux/swanctl.conf.j2)."""
    lines = tuple(
        line.model_copy(
            update={
                "openings": tuple(one.model_copy(update={"required": one.protocol == "udp"}) for one in line.openings)
            }
        )
        for line in answer.lines
    )
    return answer.model_copy(update={"lines": lines})

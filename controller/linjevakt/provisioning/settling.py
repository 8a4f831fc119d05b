"""How pushes end that nobody saw the end of: the router is asked, and it is written down."""

from dataclasses import replace
from typing import Final

from linjevakt.devices import Target
from linjevakt.model.change import PushResult, PushState
from linjevakt.model.dossier import Dossier
from linjevakt.model.errors import BusyError, NotFoundError
from linjevakt.model.record import PushRecord, Stage
from linjevakt.model.saying import Saying
from linjevakt.model.stop import Stop
from linjevakt.provisioning import push
from linjevakt.provisioning.doors import Doors
from linjevakt.provisioning.dossiers import Dossiers
from linjevakt.provisioning.lease import Leases
from linjevakt.provisioning.push import Clock
from linjevakt.store.devices import Devices
from linjevakt.store.pushes import Pushes

RUNS_IT: Final = frozenset({PushState.CONFIRMED, PushState.UNCHANGED})  # what was to be pushed, and it is proven


class Settling:
    """By a router's name; raises NotFoundError for one that is not in the inventory, or was never staged."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it needs, and nothing that leads further
        self,
        dossiers: Dossiers,
        doors: Doors,
        pushes: Pushes,
        devices: Devices,
        leases: Leases,
        clock: Clock,
        stop: Stop,
    ) -> None:
        self._dossiers, self._doors, self._leases = dossiers, doors, leases
        self._pushes, self._devices, self._clock, self._stop = pushes, devices, clock, stop

    def settle(self, router: str) -> PushState:
        """How the router's last push ended, when its controller died; asks the router and writes it down.

        What it left unconfirmed is rolled back. RUNNING: another session holds it; ask again when its timer is out.
        """
        dossier = self._dossiers.open(router)
        last = self._pushes.running(router)
        return self.settle_last(dossier, last) if last else self._last_state(router)

    def settle_last(self, dossier: Dossier, last: PushRecord) -> PushState:
        """As `settle`, a push that is still written down as running."""
        self._leases.wait_for(last, self._stop)
        router, target = dossier.name, replace(self._doors.target_of(dossier), session=last.session)
        with self._doors.connect(target) as device:
            state = push.settle(device, last)
        if state is not PushState.RUNNING:
            reason = Saying("its controller stopped in the middle; this is what the router told afterwards")
            seconds = (self._clock.now() - last.started).total_seconds()
            self.end(last.id, PushResult(router, state, reason, last.started, seconds), target)
        return state

    def settle_leftover(self, dossier: Dossier) -> Dossier:
        """Ends what a controller that died has left behind; answers the router as it is after the wait for that.

        Raises BusyError while another push may be running.
        """
        router = dossier.name
        last = self._pushes.running(router)
        if last is None:
            return dossier
        if self.settle_last(dossier, last) is PushState.RUNNING:
            raise BusyError(
                Saying(
                    "A push to {router} was cut short and its router still waits to be told; it goes back by itself "
                    "within {seconds} s. Try again then.",
                    router=router,
                    seconds=last.revert_in_s,
                )
            )
        return self._dossiers.open(router)  # another box may be it by now, or its box be stolen

    def end(self, begun: int, result: PushResult, target: Target) -> None:
        """Writes down how a push ended; who runs what was to be pushed is live."""
        self._pushes.end(begun, result)
        if result.state in RUNS_IT:
            self._devices.set_stage(result.router, Stage.LIVE, host_key=target.host_key)

    def _last_state(self, router: str) -> PushState:
        pushes = self._pushes.latest(router, limit=1)
        if not pushes:
            raise NotFoundError(Saying("there was no push to {router} yet", router=router))
        return pushes[0].state

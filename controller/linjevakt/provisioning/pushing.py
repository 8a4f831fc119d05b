"""Plans and pushes to one router, by its name: what the command line, orders and renewals call."""

from collections.abc import Callable
from dataclasses import replace

from linjevakt import intent, reach
from linjevakt.model.change import Candidate, Plan, PushResult, PushState
from linjevakt.model.dossier import Dossier
from linjevakt.model.errors import ConflictError
from linjevakt.model.intent import Intent
from linjevakt.model.record import Stage, session_name
from linjevakt.model.saying import Saying
from linjevakt.model.stop import Stop
from linjevakt.provisioning import plan, push
from linjevakt.provisioning.doors import Doors
from linjevakt.provisioning.dossiers import Dossiers
from linjevakt.provisioning.drafting import Drafting
from linjevakt.provisioning.lease import Leases
from linjevakt.provisioning.proof import Evaluate
from linjevakt.provisioning.push import Clock, PushTask
from linjevakt.provisioning.settling import RUNS_IT, Settling
from linjevakt.store import Store
from linjevakt.trust import ca


class Pushing:
    """Raises NotFoundError for a router that is not in the inventory, or was never staged."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it needs, and nothing that leads further
        self,
        dossiers: Dossiers,
        drafting: Drafting,
        doors: Doors,
        settling: Settling,
        leases: Leases,
        store: Store,
        evaluate: Evaluate,
        clock: Clock,
        stop: Stop,
    ) -> None:
        self._dossiers, self._drafting, self._doors, self._settling = dossiers, drafting, doors, settling
        self._pushes, self._devices, self._certificates = store.pushes, store.devices, store.certificates
        self._leases, self._evaluate, self._clock, self._stop = leases, evaluate, clock, stop

    def routers(self) -> tuple[str, ...]:
        """Every router's name, hubs first."""
        return self._dossiers.names()

    def candidate(self, router: str, *, bootstrap: bool = False) -> Candidate:
        """The configuration that the inventory asks for; `bootstrap`: only what lets the router come home."""
        return self._drafting.candidate(self._dossiers.open(router), bootstrap=bootstrap)

    def plan(self, router: str) -> Plan:
        """What a push would change, as the router itself tells; changes nothing."""
        self._stop.check(router)
        dossier = self._dossiers.open(router)
        candidate = self._drafting.candidate(dossier)
        place = self._drafting.platform(dossier)
        with self._doors.connect(self._doors.target_of(dossier)) as device:
            return plan.plan(device, candidate, reach.touched(dossier), replace=place.replaces, secrets=place.secrets)

    def push(
        self, router: str, revert_in_s: int, on_step: Callable[[str], None], *, approved: str = "", message: str = ""
    ) -> PushResult:
        """Pushes, proves and confirms, and writes down that it does and how it ended.

        `approved` is the hash of the plan that someone approved, if anyone did. Raises ConflictError while another
        push to the router runs and for a site whose hub the revocation list refuses (`Boxes.find_without_hub`), and
        what went wrong before the router was asked at all.
        """
        self._stop.check(router)
        dossier = self._settling.settle_leftover(self._dossiers.open(router))
        self._require_hub(dossier)
        wanted = self._drafting.intent(dossier)
        order = self._order(dossier, wanted, self._drafting.render(wanted), revert_in_s, message)
        serves = wanted.pac is not None and self._drafting.platform(dossier).pac is not None
        cases = wanted.pac.cases if wanted.pac and serves else ()
        return self._pushed(replace(order, approved=approved, pac=cases), wanted, on_step)

    def push_trust(self, router: str, revert_in_s: int, on_step: Callable[[str], None], message: str) -> PushResult:
        """As `push`, but brings its certificate and the revocation list alone; whatever else waits goes on waiting.

        Raises ConflictError, too, when its prefixes are to change: that would open, or cut off, what nobody pushed; and
        when its platform's configuration has no parts that could be brought alone.
        """
        self._stop.check(router)
        dossier = self._settling.settle_leftover(self._dossiers.open(router))
        self._require_hub(dossier)
        self._require_prefixes(dossier)
        self._require_parts(dossier)
        wanted = self._drafting.intent(dossier)
        with self._doors.connect(self._doors.target_of(dossier)) as device:
            running, running_hash = device.running().reveal(), device.running_hash()
        candidate = self._drafting.trust_alone(dossier, wanted, running)
        order = self._order(dossier, wanted, candidate, revert_in_s, message)
        return self._pushed(replace(order, approved=plan.binding(candidate, running_hash)), wanted, on_step)

    def settle(self, router: str) -> PushState:
        """How its last push ended, when its controller died: see `Settling.settle`."""
        return self._settling.settle(router)

    def _lacks_hub(self, router: Dossier) -> bool:
        """See `Boxes.find_without_hub`."""
        if router.site is None or not self._certificates.revoked_hubs(self._clock.now()):
            return False
        return not any(one.stage is Stage.LIVE for one in self._devices.all([router.hub.router.name]))

    def _require_hub(self, dossier: Dossier) -> None:
        router, hub = dossier.name, dossier.hub.router.name
        if self._lacks_hub(dossier):
            raise ConflictError(
                Saying(
                    "{router}: its hub {hub} is to be another box, which was not pushed to yet. The list of revoked "
                    "certificates refuses the former one: {router} would have no tunnel. `linjevakt router stage {hub} "
                    "--identity FILE`, if that is not done, put that box in place, and then `linjevakt push {hub}` "
                    "first.",
                    router=router,
                    hub=hub,
                )
            )

    def _require_prefixes(self, dossier: Dossier) -> None:
        router = dossier.name
        runs = self._certificates.running([router]).get(router)
        if runs is None or runs.is_of_hub:  # a hub's are all of the inside
            return
        if frozenset(runs.networks) != frozenset(intent.prefixes(dossier)):
            raise ConflictError(
                Saying(
                    "{router}: its prefixes are to change, which is people's to push: `linjevakt push {router}` brings "
                    "its certificate and the list of revoked ones too.",
                    router=router,
                )
            )

    def _require_parts(self, dossier: Dossier) -> None:
        place = self._drafting.platform(dossier)
        if not place.trust:
            raise ConflictError(
                Saying(
                    "{router}: a configuration of platform {platform} has no parts, so its certificate and the list of "
                    "revoked ones come with all that waits, which is people's to push: `linjevakt push {router}`.",
                    router=dossier.name,
                    platform=place.name,
                )
            )

    def _order(self, router: Dossier, wanted: Intent, candidate: Candidate, revert_in_s: int, message: str) -> PushTask:
        place = self._drafting.platform(router)
        return PushTask(
            candidate=candidate,
            target=self._doors.target_of(router),
            impact=reach.touched(router),
            revert_in_s=place.revert.fit(revert_in_s),
            timer=place.revert,
            replace=place.replaces,
            message=message,
            secrets=place.secrets,
            probes=wanted.probes,
        )

    def _pushed(self, order: PushTask, wanted: Intent, on_step: Callable[[str], None]) -> PushResult:
        router, leases = wanted.router, self._leases
        begun = self._begin(order)
        order = replace(order, session=session_name(begun, leases.worker))
        with self._stop.pushing_to(router), leases.kept(begun):
            result = push.push(
                order,
                self._doors.connect,
                self._evaluate,
                clock=self._clock,
                on_step=on_step,
                stop=self._stop,
                fence=lambda: leases.require(begun, router),
            )
            if result.state in RUNS_IT:
                self._certificates.confirm(ca.serial(wanted.identity.certificate))
            self._settling.end(begun, result, order.target)
        return result

    def _begin(self, order: PushTask) -> int:
        return self._pushes.begin(
            order.candidate.router,
            candidate_hash=order.candidate.hash,
            revert_in_s=order.revert_in_s,
            worker=self._leases.worker,
            until=self._leases.until,
            why=order.message,
            revision=order.candidate.revision,
        )

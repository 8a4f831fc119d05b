"""The fleet's operations, by a router's name: what the command line and the web call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from linjevakt import devices, intent, pac, reach, render
from linjevakt.health import Poller
from linjevakt.health.gufo import GufoPoller
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.change import Candidate, Plan, PushResult, PushState, RevertTimer
from linjevakt.model.errors import BusyError, ConflictError, NotFoundError
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.intent import Intent
from linjevakt.model.inventory import Inventory, Organisation, Router
from linjevakt.model.record import (
    Certificate,
    Reason,
    SeenList,
    Stage,
    session_name,
)
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret
from linjevakt.model.stop import Stop
from linjevakt.provisioning import plan, push
from linjevakt.provisioning.lease import Leases
from linjevakt.provisioning.proof import Evaluate
from linjevakt.provisioning.push import Clock, PushTask, WallClock
from linjevakt.store import Store
from linjevakt.trust import Vault, ca, crl, ssh
from linjevakt.trust.enrol import certified, claimed, enrol, identity, identity_of, key_of
from linjevakt.trust.snmp import MasterKeys

_RUNS_IT: Final = frozenset({PushState.CONFIRMED, PushState.UNCHANGED})  # what was to be pushed, and it is proven


_APART: Final = pac.Apart()  # what a router serves is what it says, not what we sent


class Fleet:
    """Every method takes a router's name, and raises NotFoundError for one that is not in the inventory."""

    def __init__(  # noqa: PLR0913 - the composition root wires everything here
        self,
        store: Store,
        vault: Vault,
        catalogue: Catalogue,
        templates: Path | None = None,
        *,
        poller: Poller | None = None,
        connect: devices.Connect = devices.connect,
        clock: Clock | None = None,
        stop: Stop | None = None,
        evaluate: Evaluate = _APART,
    ) -> None:
        self.store, self._vault, self._catalogue, self._templates = store, vault, catalogue, templates
        self._poller = poller or GufoPoller()
        self._connect = connect
        self._clock = clock or WallClock()
        self.stop = stop or Stop()
        self._evaluate = evaluate
        self._leases = Leases(store.pushes, self._clock)

    @property
    def inventory(self) -> Inventory:
        """The inventory as last saved. Raises NotFoundError when there is none."""
        return self.store.inventory()

    @property
    def now(self) -> datetime:
        """The time of day, UTC."""
        return self._clock.now()

    def routers(self) -> tuple[str, ...]:
        """Every router's name, hubs first."""
        return tuple(router.name for router in self.inventory.routers)

    def hubs(self) -> tuple[str, ...]:
        """Every hub's router; none while there is no inventory."""
        try:
            return tuple(hub.router.name for hub in self.store.register.now().installation.hubs)
        except NotFoundError:
            return ()

    # --- provisioning ---

    def stage(self, router: str, box: Mapping[str, Any]) -> Candidate:
        """Pins what `linjevakt-agent identity --json` printed on the box; answers the configuration to start it with.

        Any other box that was the router is revoked. Raises InvalidInputError when that is no identity, ConflictError
        when it is another box than the one expected.
        """
        self.pin(router, box)
        self.revoke_others(router, Reason.SUPERSEDED)
        return self.candidate(router, bootstrap=True)

    def pin(self, router: str, box: Mapping[str, Any]) -> None:
        """Makes the box the router; the former one may still come as it until it is revoked. Raises as `stage`."""
        enrol(self._vault, self.inventory, self._router(router).name, claimed(box), self._clock.now())

    def bootstrap(self, router: str, box: Mapping[str, Any]) -> Candidate:
        """What to start a box with that is to be the router later on: another one may still be at work as it."""
        inventory = self.inventory
        device = certified(self._vault, inventory, self._router(router).name, claimed(box), self._clock.now())
        trust = identity_of(self._vault, inventory, device, self._clock.now())
        wanted = intent.build(inventory, self._catalogue, router, trust, bootstrap=True)
        return render.render(wanted, self._templates)

    def ports(self, router: str) -> tuple[str, ...]:
        """The sockets of the box that the router is; none when that is not known."""
        return tuple(port for device in self.store.devices.all([router]) for port in device.ports)

    def staged(self) -> Mapping[str, str]:
        """The serial number of the box that each router is, by the router's name."""
        return self.store.devices.serials()

    def serial(self, router: str) -> str | None:
        """The serial number of the box that the router is; None when it was never staged."""
        return self.store.devices.serials([router]).get(router)

    def forget(self, router: str) -> None:
        """Ends the trust in a router that is no more, whatever box has come as it."""
        self._revoke(self.store.certificates.all(router=router), Reason.TERMINATED)
        self.store.devices.remove(router)

    def revoke_others(self, router: str, reason: Reason) -> tuple[Certificate, ...]:
        """Revokes the certificates that other boxes have for the router than the one that it is, or was staged as."""
        keys = {key_of(device) for device in self.store.devices.all([router])}
        others = [found for found in self.store.certificates.all(router=router) if found.key not in keys]
        return self._revoke(others, reason)

    def shut_out(self, serial: str) -> tuple[Certificate, ...]:
        """Revokes every certificate of a box that was stolen, and its keys for ever; a router that it is gets no more.

        Whose it was goes by its keys, under whatever serial number they came.
        Answers the certificates that had not ended; `revocation.enforce` makes others refuse them.
        """
        self.store.devices.shut_out(serial)
        return self.certificates_of(serial)

    def certificates_of(self, serial: str) -> tuple[Certificate, ...]:
        """The certificates of the box of that serial number, by its keys, that have not ended; the latest first."""
        return tuple(one for one in self.store.certificates.all(box=serial) if one.expires > self.now)

    def is_shut_out(self, router: str) -> bool:
        """Whether the box that is the router was stolen, and no other one is in its place yet."""
        return any(one.stage is Stage.SHUT_OUT for one in self.store.devices.all([router]))

    def without_hub(self) -> Mapping[str, str]:
        """The sites' routers, and the hub of each, that the list of revoked certificates would leave without a tunnel.

        A box that was their hub is on it, and the one in its place has not been pushed to: it may not be there yet.
        """
        if not self.store.certificates.revoked_hubs(self.now):
            return {}
        live = {router for router, stage in self.store.devices.stages().items() if stage is Stage.LIVE}
        inventory = self.inventory
        hubs = {site.router.name: inventory.hub_of(site).router.name for site in inventory.sites}
        return {router: hub for router, hub in hubs.items() if hub not in live}

    def seen_list(self, router: str) -> SeenList:
        """Whom the router refuses, as it tells just now; written down."""
        with self._connect(self.target(router)) as device:
            text = device.running().reveal()
        seen = SeenList(router, self._clock.now(), crl.listed(text))
        self.store.certificates.save_seen_list(seen)
        return seen

    def _revoke(self, found: Iterable[Certificate], reason: Reason) -> tuple[Certificate, ...]:
        living = tuple(one for one in found if one.revoked is None and one.expires > self.now)
        self.store.certificates.revoke((one.serial for one in living), reason)
        return living

    def asked(self, router: str) -> devices.RawProof:
        """What the router says of itself, just now."""
        with self._connect(self.target(router)) as device:
            return device.prove()

    def candidate(self, router: str, *, bootstrap: bool = False) -> Candidate:
        """The configuration that the inventory asks for; `bootstrap`: only what lets the router come home."""
        return render.render(self._intent(router, bootstrap=bootstrap), self._templates)

    def impact(self, router: str) -> tuple[str, ...]:
        """Whom a change of this router touches: organisations with the number to call, or all sites behind a hub."""
        inventory = self.inventory
        hub = [c for c in inventory.sites if inventory.hub_of(c).router.name == router]
        if hub:
            return (Saying("all {number} sites behind {hub}", number=len(hub), hub=router),)
        known = {organisation.number: organisation for organisation in inventory.organisations}
        touched = [c for c in inventory.sites if c.router.name == router]
        return tuple(_with_contact(known[number]) for c in touched for number in reach.members(c))

    def plan(self, router: str) -> Plan:
        """What a push would change, as the router itself tells; changes nothing."""
        self.stop.check(router)
        candidate = self.candidate(router)
        with self._connect(self.target(router)) as device:
            return plan.plan(device, candidate, self.impact(router), replace=self._platform(router).load == "replace")

    def push(
        self, router: str, revert_in_s: int, on_step: Callable[[str], None], *, approved: str = "", message: str = ""
    ) -> PushResult:
        """Pushes, proves and confirms, and writes down that it does and how it ended.

        `approved` is the hash of the plan that someone approved, if anyone did. Raises ConflictError while another
        push to the router runs and for a site whose hub the revocation list refuses (`without_hub`), and what went
        wrong before the router was asked at all.
        """
        self.stop.check(router)
        self._require_hub(router)
        self._settle_leftover(router)
        wanted = self._intent(router)
        order = self._order(wanted, render.render(wanted, self._templates), revert_in_s, message)
        cases = wanted.pac.cases if wanted.pac else ()
        return self._pushed(replace(order, approved=approved, pac=cases), wanted, on_step)

    def push_trust(self, router: str, revert_in_s: int, on_step: Callable[[str], None], message: str) -> PushResult:
        """As `push`, but brings its certificate and the revocation list alone; whatever else waits goes on waiting.

        Raises ConflictError, too, when its prefixes are to change: that would open, or cut off, what nobody pushed.
        """
        self.stop.check(router)
        self._require_hub(router)
        self._require_prefixes(router)
        self._settle_leftover(router)
        wanted = self._intent(router)
        with self._connect(self.target(router)) as device:
            running, running_hash = device.running().reveal(), device.running_hash()
        candidate = self._with_trust(wanted, running)
        order = self._order(wanted, candidate, revert_in_s, message)
        return self._pushed(replace(order, approved=plan.binding(candidate, running_hash)), wanted, on_step)

    def settle(self, router: str) -> PushState:
        """How the router's last push ended, when its controller died; asks the router and writes it down.

        What it left unconfirmed is rolled back. RUNNING: another session holds it; ask again when its timer is out.
        """
        last = self.store.pushes.running(self._router(router).name)
        if last is None:
            return self._last_state(router)
        self._leases.wait_for(last, self.stop)
        target = replace(self.target(router), session=last.session)
        with self._connect(target) as device:
            state = push.settle(device, last)
        if state is not PushState.RUNNING:
            reason = Saying("its controller stopped in the middle; this is what the router told afterwards")
            seconds = (self._clock.now() - last.started).total_seconds()
            self._end(last.id, PushResult(router, state, reason, last.started, seconds), target)
        return state

    def openings(self, router: str, line: str) -> devices.Openings:
        """What the firewalls on the line's way to the hub let through, tried by the router now; within 5 s."""
        with self._connect(self.target(router)) as device:
            return device.openings(line)

    # --- how to reach it ---

    def target(self, router: str) -> devices.Target:
        """How to log in. Raises NotFoundError when it was never staged."""
        known, device = self._router(router), self.store.devices.get(router)
        return devices.Target(
            router=router,
            platform_driver=self._platform(router).driver,
            address=str(known.management),
            user=ssh.USER,
            private_key=ssh.login_key(self._vault),
            host_key=device.host_key,
        )

    def snmp_target(self, router: str) -> SnmpTarget:
        """How to poll it. Raises NotFoundError when it was never staged."""
        found, device, keys = self._router(router), self.store.devices.get(router), MasterKeys.of(self._vault)
        return keys.target(found, device, hub=router in _hubs(self.inventory))

    def snmp_targets(self) -> tuple[SnmpTarget, ...]:
        """How to poll every router that is staged."""
        keys, inventory = MasterKeys.of(self._vault), self.inventory
        known = {router.name: router for router in inventory.routers}
        staged = [device for device in self.store.devices.all() if device.router in known]
        hubs = _hubs(inventory)
        return tuple(keys.target(known[one.router], one, hub=one.router in hubs) for one in staged)

    def health(self, router: str) -> Health:
        """Polls it now, and remembers the answer."""
        found = self._poller.poll(self.snmp_target(router))
        self.store.healths.save(found)
        return found

    # --- how ---

    def _router(self, name: str) -> Router:
        for router in self.inventory.routers:
            if router.name == name:
                return router
        raise reach.no_router(self.inventory, name)

    def _intent(self, router: str, *, bootstrap: bool = False) -> Intent:
        inventory = self.inventory
        trust = identity(self._vault, inventory, self._router(router).name, self._clock.now())
        return intent.build(inventory, self._catalogue, router, trust, bootstrap=bootstrap)

    def _require_hub(self, router: str) -> None:
        hub = self.without_hub().get(router)
        if hub is not None:
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

    def _require_prefixes(self, router: str) -> None:
        runs = self.store.certificates.running([router]).get(router)
        if runs is None or runs.is_of_hub:  # a hub's are all of the inside
            return
        if frozenset(runs.networks) != frozenset(intent.prefixes(self.inventory, router)):
            raise ConflictError(
                Saying(
                    "{router}: its prefixes are to change, which is people's to push: `linjevakt push {router}` brings "
                    "its certificate and the list of revoked ones too.",
                    router=router,
                )
            )

    def _platform(self, router: str) -> render.Platform:
        return render.platform(self._router(router).platform, self._templates)

    def _with_trust(self, wanted: Intent, running: str) -> Candidate:
        """What the router runs, with what the intent says of trust: one secret as a whole, for it holds secrets."""
        place = self._platform(wanted.router)
        names = place.trust + (place.trust_of_hub if wanted.role == "hub" else ())
        whole = render.render(wanted, self._templates).revealed().reveal()
        text = Secret(render.merged(running, whole, place, names))
        return Candidate(wanted.router, wanted.platform, "@{secret:running}", {"running": text})

    def _order(self, wanted: Intent, candidate: Candidate, revert_in_s: int, message: str) -> PushTask:
        platform = self._platform(wanted.router)
        timer = platform.revert or RevertTimer()
        return PushTask(
            candidate=candidate,
            target=self.target(wanted.router),
            impact=self.impact(wanted.router),
            revert_in_s=timer.fit(revert_in_s),
            timer=timer,
            replace=platform.load == "replace",
            message=message,
        )

    def _pushed(self, order: PushTask, wanted: Intent, on_step: Callable[[str], None]) -> PushResult:
        router, leases = wanted.router, self._leases
        begun = self._begun(order)
        order = replace(order, session=session_name(begun, leases.worker))
        with self.stop.pushing_to(router), leases.kept(begun):
            result = push.push(
                order,
                self._connect,
                self._evaluate,
                clock=self._clock,
                on_step=on_step,
                stop=self.stop,
                fence=lambda: leases.require(begun, router),
            )
            if result.state in _RUNS_IT:
                self.store.certificates.confirm(ca.serial(wanted.identity.certificate))
            self._end(begun, result, order.target)
        return result

    def _begun(self, order: PushTask) -> int:
        return self.store.pushes.begin(
            order.candidate.router,
            candidate_hash=order.candidate.hash,
            revert_in_s=order.revert_in_s,
            worker=self._leases.worker,
            until=self._leases.until,
            why=order.message,
        )

    def _end(self, begun: int, result: PushResult, target: devices.Target) -> None:
        self.store.pushes.end(begun, result)
        if result.state in _RUNS_IT:
            self.store.devices.set_stage(result.router, Stage.LIVE, host_key=target.host_key)

    def _last_state(self, router: str) -> PushState:
        pushes = self.store.pushes.latest(router, limit=1)
        if not pushes:
            raise NotFoundError(Saying("there was no push to {router} yet", router=router))
        return pushes[0].state

    def _settle_leftover(self, router: str) -> None:
        last = self.store.pushes.running(router)
        if last is None:
            return
        if self.settle(router) is PushState.RUNNING:
            raise BusyError(
                Saying(
                    "A push to {router} was cut short and its router still waits to be told; it goes back by itself "
                    "within {seconds} s. Try again then.",
                    router=router,
                    seconds=last.revert_in_s,
                )
            )


def _hubs(inventory: Inventory) -> frozenset[str]:
    return frozenset(hub.router.name for hub in inventory.installation.hubs)


def _with_contact(organisation: Organisation) -> str:
    contacts = ", ".join(f"{contact.name} {contact.phone}" for contact in organisation.contacts)
    return f"{organisation.name} ({contacts})" if contacts else organisation.name

"""Logs in to a router and asks it: what it says of itself, whom it refuses, what its line lets through."""

from linjevakt import devices
from linjevakt.model.dossier import Dossier
from linjevakt.model.errors import DeviceError
from linjevakt.model.record import SeenList
from linjevakt.model.saying import Saying
from linjevakt.provisioning.dossiers import Dossiers
from linjevakt.provisioning.drafting import Drafting
from linjevakt.provisioning.provers import seen
from linjevakt.provisioning.push import Clock
from linjevakt.store.certificates import Certificates
from linjevakt.trust import Vault, crl, ssh


class Doors:
    """By a router's name; raises NotFoundError for one that is not in the inventory, or was never staged."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it needs, and nothing that leads further
        self,
        dossiers: Dossiers,
        drafting: Drafting,
        vault: Vault,
        certificates: Certificates,
        connect: devices.Connect,
        clock: Clock,
    ) -> None:
        self._dossiers, self._drafting, self._vault = dossiers, drafting, vault
        self._certificates, self.connect, self._clock = certificates, connect, clock

    def target(self, router: str) -> devices.Target:
        """How to log in."""
        return self.target_of(self._dossiers.open(router))

    def target_of(self, router: Dossier) -> devices.Target:
        """How to log in to the router of a dossier."""
        return devices.Target(
            router=router.name,
            adapter=self._drafting.platform(router).adapter,
            address=str(router.router.management),
            user=ssh.USER,
            private_key=ssh.login_key(self._vault),
            host_key=router.box.host_key,
        )

    def ask(self, router: str) -> devices.RawProof:
        """What the router says of itself, just now."""
        with self.connect(self.target(router)) as device:
            return seen(device)

    def read_list(self, router: str) -> SeenList:
        """Whom the router refuses, as it tells just now; written down."""
        with self.connect(self.target(router)) as device:
            text = device.running().reveal()
        listed = SeenList(router, self._clock.now(), crl.listed(text))
        self._certificates.save_seen_list(listed)
        return listed

    def try_openings(self, router: str, line: str) -> devices.Openings:
        """What the firewalls on the line's way to the hub let through, tried by the router now; within 5 s."""
        with self.connect(self.target(router)) as device:
            if isinstance(device, devices.Openable):
                return device.openings(line)
        raise DeviceError(Saying("{router} has nothing on it that tries what is open on a line", router=router))

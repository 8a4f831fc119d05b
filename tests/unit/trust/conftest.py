"""A vault without a database, and a box's own keys."""

from dataclasses import dataclass, field

import pytest
from tests.boxes import claim

from linjevakt.model.errors import NotFoundError
from linjevakt.model.record import BoxIdentity, DeviceIdentity
from linjevakt.trust import SealKey, Vault


@dataclass
class MemoryStore:
    """A `SealedStore` that forgets."""

    envelopes: dict[str, bytes] = field(default_factory=dict)
    devices: dict[str, DeviceIdentity] = field(default_factory=dict)

    def put_sealed(self, name: str, envelope: bytes, *, replace: bool = True) -> bool:
        if name in self.envelopes and not replace:
            return False
        self.envelopes[name] = envelope
        return True

    def sealed(self, name: str) -> bytes | None:
        return self.envelopes.get(name)

    def save_device(self, device: DeviceIdentity) -> None:
        self.devices[device.router] = device

    def device(self, router: str) -> DeviceIdentity:
        if router not in self.devices:
            raise NotFoundError(router)
        return self.devices[router]


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def vault(memory: MemoryStore) -> Vault:
    return Vault(memory, SealKey.generate())


@pytest.fixture
def box() -> BoxIdentity:
    """What a fresh box answers to `linjevakt-agent identity --json`."""
    return BoxIdentity(**claim())

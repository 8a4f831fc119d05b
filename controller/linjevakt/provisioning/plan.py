"""What a push would change on a router, found out by the router itself, without changing anything."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress

from linjevakt.devices import Device
from linjevakt.model.change import Candidate, Plan
from linjevakt.model.errors import DeviceError, SecretError
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret


def plan(device: Device, candidate: Candidate, impact: Iterable[str], *, replace: bool = True) -> Plan:
    """Compare `candidate` with what runs and leave no trace. Raises RefusedError, LockedError or SecretError."""
    found = prepare(device, candidate, impact, replace=replace)
    device.discard()
    return found


def prepare(device: Device, candidate: Candidate, impact: Iterable[str], *, replace: bool) -> Plan:
    """As `plan`, but `candidate` stays loaded, ready to commit."""
    text, running_hash = _revealed(candidate), device.running_hash()
    try:
        device.load(text, replace=replace)
        diff = device.compare()
    except DeviceError:
        with suppress(DeviceError):  # the first error is the one to tell
            device.discard()
        raise
    return Plan(
        candidate.router, diff, tuple(impact), binding(candidate, running_hash), running_hash, candidate.revision
    )


def binding(candidate: Candidate, running_hash: str) -> str:
    """The hash that binds an approval: it changes with router, text, any secret and what runs now (hex SHA-256)."""
    secrets = (f"{name}={secret.fingerprint()}" for name, secret in sorted(candidate.secrets.items()))
    parts = (candidate.router, candidate.platform, running_hash, *secrets, candidate.text)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _revealed(candidate: Candidate) -> Secret:
    try:
        return candidate.revealed()
    except KeyError as error:
        raise SecretError(
            Saying(
                "{router}: the configuration names the secret {secret}, which is not there",
                router=candidate.router,
                secret=str(error),
            )
        ) from None

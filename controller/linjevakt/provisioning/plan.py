"""What a push would change on a router, found out by the router itself, without changing anything."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from linjevakt.devices import Device
from linjevakt.model.change import Candidate, Plan
from linjevakt.model.errors import DeviceError, SecretError
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret


def plan(
    device: Device, candidate: Candidate, impact: Iterable[str], *, replace: bool = True, secrets: Sequence[str] = ()
) -> Plan:
    """Compare `candidate` with what runs and leave no trace. Raises RefusedError, LockedError or SecretError.

    `secrets` are the platform's: what is a secret in what the router shows.
    """
    found = prepare(device, candidate, impact, replace=replace, secrets=secrets)
    device.discard()
    return found


def prepare(
    device: Device, candidate: Candidate, impact: Iterable[str], *, replace: bool, secrets: Sequence[str] = ()
) -> Plan:
    """As `plan`, but `candidate` stays loaded, ready to commit."""
    text, running_hash = _revealed(candidate), device.running_hash()
    try:
        with discreet(candidate, secrets):
            device.load(text, replace=replace)
            diff = _hidden(device.compare(), candidate, secrets)
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


@contextmanager
def discreet(candidate: Candidate, secrets: Sequence[str]) -> Iterator[None]:
    """A router that repeats a secret of the candidate in its complaint is told of without it."""
    try:
        yield
    except DeviceError as error:
        words = str(error)
        if (hidden := _hidden(words, candidate, secrets)) == words:
            raise
        raise type(error)(hidden) from None


def _hidden(text: str, candidate: Candidate, secrets: Sequence[str]) -> str:
    """The text with fingerprints in place of what the patterns take for secrets, old ones too, and of our own."""
    for pattern in secrets:
        text = re.sub(pattern, _without_group, text)
    for secret in candidate.secrets.values():
        text = text.replace(secret.reveal(), _shown(secret)) if secret.reveal() else text
    return text


def _without_group(found: re.Match[str]) -> str:
    if not found[1]:
        return found[0]
    begin, end = (place - found.start() for place in found.span(1))
    return f"{found[0][:begin]}{_shown(Secret(found[1]))}{found[0][end:]}"


def _shown(secret: Secret) -> str:
    return f"<secret {secret.fingerprint()}>"


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

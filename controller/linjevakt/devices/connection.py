"""A `Device` over any NAPALM driver, with NAPALM's errors translated into ours."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import napalm
from napalm.base import exceptions as theirs
from pydantic import ValidationError

from linjevakt.devices.device import Answer, ConfigStatus, Device, Openings, RawProof, Target
from linjevakt.model.errors import (
    ApplyError,
    AuthenticationError,
    DeviceError,
    HostKeyError,
    LockedError,
    RefusedError,
    UnreachableError,
    about,
    apart,
)
from linjevakt.model.saying import NORWEGIAN, Saying
from linjevakt.model.secret import Secret
from linjevakt.model.text import visible
from linjevakt.model.wording import told
from napalm_linjevakt.exceptions import HostKeyException

# The first class that fits wins: subclasses stand before their bases.
_OURS: tuple[tuple[type[Exception], type[DeviceError]], ...] = (
    (HostKeyException, HostKeyError),
    (theirs.ConnectAuthError, AuthenticationError),
    (theirs.ConnectionException, UnreachableError),
    (theirs.CommandTimeoutException, UnreachableError),
    (theirs.ReplaceConfigException, RefusedError),
    (theirs.MergeConfigException, RefusedError),
    (theirs.LockError, LockedError),
    (theirs.CommitError, ApplyError),
    (theirs.NapalmException, DeviceError),
)
# What each of them is about, for a reader of Norwegian: their own words are the transport's or the agent's.
_MEANING: Mapping[type[DeviceError], Saying] = {
    HostKeyError: Saying("the router is not the one that was staged"),
    AuthenticationError: Saying("the router refuses our key"),
    UnreachableError: Saying("no contact with the router"),
    RefusedError: Saying("the router refuses the configuration"),
    LockedError: Saying("another session holds the router"),
    ApplyError: Saying("the router could not put the configuration in force"),
    DeviceError: Saying("the router could not do what was asked"),
}
_Shape = TypeVar("_Shape", bound=Answer)


@contextmanager
def connect(target: Target) -> Iterator[Device]:
    """Log in, and hang up at the end. Raises UnreachableError, HostKeyError or AuthenticationError."""
    with _translated(target.router):
        driver = _driver(target)
        driver.open()
    try:
        yield NapalmDevice(target.router, driver)
    finally:
        with suppress(theirs.NapalmException):
            driver.close()


class NapalmDevice:
    """One router through its open NAPALM driver; `status` and `prove` ask Linjevakt's agent on it."""

    def __init__(self, router: str, driver: Any) -> None:
        self._router = router
        self._driver = driver

    def load(self, text: Secret, *, replace: bool) -> None:
        """See Device."""
        load = self._driver.load_replace_candidate if replace else self._driver.load_merge_candidate
        with _translated(self._router):
            load(config=text.reveal())

    def compare(self) -> str:
        """See Device."""
        with _translated(self._router):
            return visible(str(self._driver.compare_config()))

    def commit(self, revert_in_s: int | None, message: str) -> None:
        """See Device."""
        with _translated(self._router):
            self._driver.commit_config(message=message, revert_in=revert_in_s)

    def confirm(self) -> None:
        """See Device."""
        with _translated(self._router):
            self._driver.confirm_commit()

    def rollback(self) -> None:
        """See Device."""
        with _translated(self._router):
            self._driver.rollback()

    def discard(self) -> None:
        """See Device."""
        with _translated(self._router):
            self._driver.discard_config()

    def pending(self) -> bool:
        """See Device."""
        with _translated(self._router):
            return bool(self._driver.has_pending_commit())

    def running_hash(self) -> str:
        """See Device."""
        running = self.status().running
        return running.hash if running else ""

    def running(self) -> Secret:
        """See Device."""
        with _translated(self._router):
            return Secret(str(self._driver.get_config(retrieve="running")["running"]))

    def status(self) -> ConfigStatus:
        """See Device."""
        return self._agent(ConfigStatus, "config", "status")

    def prove(self) -> RawProof:
        """See Device."""
        return self._agent(RawProof, "prove")

    def openings(self, line: str) -> Openings:
        """See Device."""
        return self._agent(Openings, "openings", "--line", line)

    def _agent(self, shape: type[_Shape], *words: str) -> _Shape:
        command = shlex.join(("linjevakt-agent", *words, "--json"))
        with _translated(self._router):
            answer = self._driver.cli([command])[command]
        try:
            return shape.model_validate_json(answer)
        except ValidationError as error:
            why = Saying("`{command}` gave an answer that we cannot read: {why}", command=command, why=told(error))
            raise DeviceError(about(self._router, why)) from error


def _driver(target: Target) -> Any:
    options = {
        "private_key": target.private_key.reveal(),
        "host_key": target.host_key,
        "session": target.session,
        "port": target.port,
    }
    driver = napalm.get_network_driver(target.platform_driver)
    return driver(target.address, target.user, "", timeout=target.timeout_s, optional_args=options)


@contextmanager
def _translated(router: str) -> Iterator[None]:
    try:
        yield
    except theirs.NapalmException as error:
        ours = next(ours for napalms, ours in _OURS if isinstance(error, napalms))
        raise ours(Saying("{}", _Theirs(router, _MEANING[ours], str(error)))) from error


@dataclass(frozen=True)
class _Theirs:
    """What NAPALM's driver says, or the agent through it, of a router: in its own words, whatever language is read."""

    router: str
    meaning: Saying
    words: str

    def __str__(self) -> str:
        return about(self.router, self.words)

    def said(self, language: str) -> str:
        """In Norwegian it is said first what it means."""
        if language != NORWEGIAN:
            return str(self)
        return f"{self.router}: {self.meaning.said(language)} ({apart(self.router, self.words)})"

"""What a NAPALM driver can do for any adapter, with NAPALM's errors translated into ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import napalm
from napalm.base import exceptions as theirs

from linjevakt.devices.device import Target
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

Errors = tuple[tuple[type[Exception], type[DeviceError]], ...]
"""A driver's errors and ours for them. The first class that fits wins: subclasses stand before their bases."""

ERRORS: Errors = (
    (theirs.ConnectAuthError, AuthenticationError),
    (theirs.ConnectionException, UnreachableError),
    (theirs.CommandTimeoutException, UnreachableError),
    (theirs.ReplaceConfigException, RefusedError),
    (theirs.MergeConfigException, RefusedError),
    (theirs.LockError, LockedError),
    (theirs.CommitError, ApplyError),
    (theirs.NapalmException, DeviceError),
)
# What each of them is about, for a reader of Norwegian: their own words are the transport's or the router's.
_MEANING: Mapping[type[DeviceError], Saying] = {
    HostKeyError: Saying("the router is not the one that was staged"),
    AuthenticationError: Saying("the router refuses our key"),
    UnreachableError: Saying("no contact with the router"),
    RefusedError: Saying("the router refuses the configuration"),
    LockedError: Saying("another session holds the router"),
    ApplyError: Saying("the router could not put the configuration in force"),
    DeviceError: Saying("the router could not do what was asked"),
}


@contextmanager
def opened(name: str, target: Target, options: Mapping[str, Any], errors: Errors) -> Iterator[Any]:
    """NAPALM's driver of that name, logged in with `options` (its `optional_args`); hangs up at the end."""
    with translated(target.router, errors):
        driver = napalm.get_network_driver(name)(
            target.address, target.user, "", timeout=target.timeout_s, optional_args=dict(options)
        )
        driver.open()
    try:
        yield driver
    finally:
        with suppress(theirs.NapalmException):
            driver.close()


class NapalmDevice:
    """What every adapter over NAPALM shares of a `Device`; how a commit stands is the family's own to tell."""

    errors: ClassVar[Errors] = ERRORS

    def __init__(self, router: str, driver: Any) -> None:
        self._router = router
        self._driver = driver

    def load(self, text: Secret, *, replace: bool) -> None:
        """See Device."""
        load = self._driver.load_replace_candidate if replace else self._driver.load_merge_candidate
        with self._translated():
            load(config=text.reveal())

    def compare(self) -> str:
        """See Device."""
        with self._translated():
            return visible(str(self._driver.compare_config()))

    def commit(self, revert_in_s: int | None, message: str) -> None:
        """See Device."""
        with self._translated():
            self._driver.commit_config(message=message, revert_in=revert_in_s)

    def confirm(self) -> None:
        """See Device."""
        with self._translated():
            self._driver.confirm_commit()

    def rollback(self) -> None:
        """See Device."""
        with self._translated():
            self._driver.rollback()

    def discard(self) -> None:
        """See Device."""
        with self._translated():
            self._driver.discard_config()

    def running(self) -> Secret:
        """See Device."""
        with self._translated():
            return Secret(str(self._driver.get_config(retrieve="running")["running"]))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(self._router, self.errors):
            yield


@contextmanager
def translated(router: str, errors: Errors = ERRORS) -> Iterator[None]:
    """NAPALM's errors as ours."""
    try:
        yield
    except theirs.NapalmException as error:
        ours = next(ours for napalms, ours in errors if isinstance(error, napalms))
        raise ours(Saying("{}", _Theirs(router, _MEANING[ours], str(error)))) from error


@dataclass(frozen=True)
class _Theirs:
    """What NAPALM's driver says, or the router through it, of a router: in its own words, whatever language is read."""

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

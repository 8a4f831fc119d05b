"""What the composition root hands to every command as `ctx.obj`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import typer

from linjevakt.model.catalogue import Catalogue
from linjevakt.model.change import Plan, PushResult, PushState
from linjevakt.model.stop import Stop
from linjevakt.settings import Settings

if TYPE_CHECKING:  # these rooms load what a command that does not enter them should not wait for
    from linjevakt.office import Office
    from linjevakt.provisioning.fleet import Fleet
    from linjevakt.trust import Vault
    from linjevakt.workorders.desk import Desk


class Operations(Protocol):
    """What can be done with the routers of the fleet, by name. Raises NotFoundError for a name that is not there."""

    def routers(self) -> tuple[str, ...]:
        """Every router's name, hubs first."""

    def plan(self, router: str) -> Plan:
        """What a push would change; changes nothing."""

    def push(self, router: str, revert_in_s: int, on_step: Callable[[str], None]) -> PushResult:
        """Push, prove, confirm; `on_step` hears each step as it begins."""

    def settle(self, router: str) -> PushState:
        """How the router's last push ended, when its controller died; asks the router and writes it down."""


@dataclass(frozen=True)
class Serving:
    """What `serve` is to do: listen at HOST:PORT, or on the socket `fd`; poll each router every `poll_s` (0: never).

    `orders`: the system's steps of work orders, renewal of certificates, and that hubs refuse whom they must.
    """

    listen: str
    fd: int | None
    poll_s: float
    orders: bool


def heeding(ctx: typer.Context) -> AbstractContextManager[Stop]:
    """For a command that changes something: an interrupt while the block runs is for its work to look at."""
    context: Context = ctx.obj
    return context.stop.heeded()


class Context(Protocol):
    """Opens what it has on first use: a command that needs no database runs without one."""

    @property
    def settings(self) -> Settings:
        """Where things are."""

    @property
    def stop(self) -> Stop:
        """Whether whoever asked for the command wants it to end: what changes anything runs while it is `heeded`."""

    @property
    def office(self) -> Office:
        """What is done and looked up without keys. Raises StorageError when the database is away."""

    @property
    def catalogue(self) -> Catalogue:
        """The service catalogue. Raises InventoryError when a row is wrong."""

    @property
    def vault(self) -> Vault:
        """The fleet's secrets. Raises SecretError when the key is not there."""

    @property
    def fleet(self) -> Fleet:
        """The routers. Raises SecretError when the keys are not there."""

    @property
    def desk(self) -> Desk:
        """The work orders. Raises SecretError when the keys are not there."""

    def serve(self, wanted: Serving) -> None:
        """Answers HTTP, with the daemons beside it, until SIGTERM. Raises as `serving.run`."""

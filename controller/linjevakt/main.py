"""The composition root: wires settings, store, secrets and commands, and is the last to see an error."""

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linjevakt import __version__, heap, outlet, platforms, settings
from linjevakt.cli import (
    address,
    history,
    impact,
    inventory,
    line,
    lock,
    order,
    org,
    push,
    revoked,
    router,
    serve,
    service,
    setup,
    site,
    stock,
)
from linjevakt.cli.context import Context, Serving
from linjevakt.cli.edge import edge, judged
from linjevakt.cli.language import Lang, Tongue, spoken
from linjevakt.cli.terminal import echo, log_to_stderr
from linjevakt.cli.usage import Commands
from linjevakt.interrupt import listen, speak
from linjevakt.inventory import load_catalogue
from linjevakt.model import rules
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.errors import LinjevaktError
from linjevakt.model.saying import Saying
from linjevakt.model.stop import Stop
from linjevakt.settings import Settings

if TYPE_CHECKING:
    from linjevakt.model.inventory import Inventory
    from linjevakt.office import Office
    from linjevakt.provisioning.fleet import Fleet
    from linjevakt.store import Store
    from linjevakt.trust import Vault
    from linjevakt.workorders.desk import Desk

_OUR_FAULT = 70  # EX_SOFTWARE of sysexits.h


@dataclass(frozen=True)
class Installation:
    """What every command gets: each part is opened when it is first asked for.

    Its room is loaded no sooner (hence PLC0415): SQLAlchemy, NAPALM and cryptography cost `--help` two seconds.
    """

    settings: Settings
    stop: Stop = field(default_factory=Stop)

    def at(self, home: Path) -> "Installation":
        """The same in another home."""
        return replace(self, settings=self.settings.model_copy(update={"home": home}))

    @cached_property
    def store(self) -> "Store":
        """The database."""
        from linjevakt.store import Store  # noqa: PLC0415

        return Store(self.settings.url, check=self._refuse_broken)

    @cached_property
    def office(self) -> "Office":
        """What people do outside of orders."""
        from linjevakt.office import Office  # noqa: PLC0415

        return Office(self.store, self.settings.templates)

    @cached_property
    def vault(self) -> "Vault":
        """The secrets in it."""
        from linjevakt.trust import Vault, setup  # noqa: PLC0415

        text = self.settings.key
        key = setup.key(self.store, self.settings.key_path, text.get_secret_value() if text else None)
        return Vault(self.store, key, complete=True)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The service catalogue."""
        return load_catalogue(self.settings.catalogue)

    @cached_property
    def fleet(self) -> "Fleet":
        """The routers."""
        from linjevakt import devices  # noqa: PLC0415
        from linjevakt.health.gufo import GufoPoller  # noqa: PLC0415
        from linjevakt.provisioning.fleet import Fleet  # noqa: PLC0415
        from linjevakt.standpoint import Standpoint  # noqa: PLC0415

        here = Standpoint(lambda: self.store.inventory().installation.controllers, devices.connect, GufoPoller())
        wired = (self.store, self.vault, self.catalogue, self.settings.templates)
        return Fleet(*wired, poller=here, connect=here.connect, stop=self.stop)

    def _refuse_broken(self, fleet: "Inventory | rules.Change") -> None:
        rules.refuse_broken(fleet, self.catalogue, platforms.every(self.settings.templates))

    @cached_property
    def desk(self) -> "Desk":
        """The work orders."""
        from linjevakt.workorders.desk import Desk  # noqa: PLC0415

        return Desk(self.fleet, self.catalogue)

    def serve(self, wanted: Serving) -> None:
        """See `serving.run`."""
        from linjevakt import serving  # noqa: PLC0415

        serving.run(self, wanted)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        echo(Saying("linjevakt {}", __version__))
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")]


def application(open_: Callable[[], Context] = lambda: Installation(settings.load())) -> typer.Typer:
    """The command line with all its commands; `open_` makes what they work on."""
    app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

    @app.callback()
    def root(ctx: typer.Context, *, version: Version = False, lang: Lang = Tongue.EN) -> None:
        """Provisions and watches the routers of a health network."""
        del version, lang
        with edge():
            ctx.obj = open_()

    app.add_typer(inventory.app, name="inventory")
    app.add_typer(service.app, name="service")
    app.add_typer(order.app, name="order")
    app.add_typer(org.app, name="org")
    app.add_typer(site.app, name="site")
    app.add_typer(address.app, name="address")
    app.add_typer(stock.app, name="stock")
    app.add_typer(revoked.app, name="revoked")
    app.add_typer(lock.app, name="lock")
    for commands in (setup, router, line, push, serve, history, impact):
        commands.register(app)
    return app


def main(stop: Stop | None = None) -> None:
    """Run the command line until it has ended or `stop` is wanted: no error reaches the user as a traceback."""
    if stop is None:  # else `__main__` has done this
        stop = Stop()
        listen(stop)
        heap.tune()
    speak(spoken)
    run(application(lambda: Installation(settings.load(), stop)))


def run(commands: Callable[[], object]) -> None:
    """See main."""
    outlet.fit()
    log_to_stderr()
    try:
        commands()
    except (LinjevaktError, OSError) as error:
        message, code = judged(error)
        _end(Saying("Error: {}", message), code)
    except Exception as error:  # noqa: BLE001 - the outermost edge
        if os.environ.get("LINJEVAKT_TRACEBACK"):
            echo(traceback.format_exc(), err=True)
        fault = f"{type(error).__name__}: {error}"
        _end(Saying("Fault in Linjevakt: {fault} (LINJEVAKT_TRACEBACK=1 shows where)", fault=fault), _OUR_FAULT)


def _end(message: str, code: int) -> None:
    echo(message, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()

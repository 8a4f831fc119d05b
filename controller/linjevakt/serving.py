"""What `linjevakt serve` is made of: API and page, and the daemons beside them. A part of the composition root."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from linjevakt import census, heap, web
from linjevakt.daemons import http, logs, service
from linjevakt.daemons.orders import Runner
from linjevakt.daemons.poller import Recorder, Watch
from linjevakt.daemons.renewal import Renewal
from linjevakt.health.gufo import GufoPoller
from linjevakt.health.metrics import Metrics
from linjevakt.model.errors import LinjevaktError
from linjevakt.provisioning import revocation
from linjevakt.trust import setup
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.field import Field

if TYPE_CHECKING:
    from linjevakt.cli.context import Context, Serving

log = structlog.get_logger(__name__)

HOME_WITHIN_S: Final = 20.0  # boot, addresses and tunnel; who is under way for days may not keep a thread from others


def run(context: "Context", wanted: "Serving") -> None:
    """Serves until SIGTERM or SIGINT.

    Raises InvalidInputError for an address that cannot be had, StorageError for no database, SecretError for a wrong
    key.
    """
    logs.to_stderr()
    context.office.require_database()  # a database that is not there shall show now, not at the first request
    for secret, cannot in setup.lacking(context.vault).items():  # so does a wrong key
        log.error("a secret is gone: restore the database from its backup", secret=secret, cannot=cannot)
    listening = http.listener(wanted.listen, wanted.fd)
    fleet = context.fleet
    metrics = Metrics(
        context.office.store.healths.each,
        context.office.store.pushes.totals,
        lambda: revocation.standing(fleet),
        census.Taker(fleet).take,
    )
    desk = Desk(fleet, context.catalogue, hands=lambda heard: Field(fleet, heard, HOME_WITHIN_S))
    runner, renewal = Runner(desk), Renewal(fleet)
    nudge = runner.nudge if wanted.orders else None
    app = web.create(desk, metrics.scraped, hosts=context.settings.hosts, nudge=nudge)
    with suppress(LinjevaktError):  # whoever asks for it is told
        _ = fleet.inventory
    heap.settle()
    with service.beside(_daemons(context, wanted, metrics, runner, renewal)):
        http.serve(app, listening)


def _daemons(
    context: "Context", wanted: "Serving", metrics: Metrics, runner: Runner, renewal: Renewal
) -> Mapping[str, Callable[[threading.Event], None]]:
    heard = [runner.heard_of, renewal.heard_of] if wanted.orders else []
    record = Recorder(lambda healths: context.office.store.healths.save(*healths), heard)
    watch = Watch(
        context.fleet.polling.targets, GufoPoller(), record, every_s=wanted.poll_s, observe=metrics.observe_poll
    )
    system = {"orders": runner.run, "renewal": renewal.run} if wanted.orders else {}
    return system | ({"health-watch": watch.run} if wanted.poll_s else {})

"""`linjevakt serve`: polls the fleet, advances orders, and answers over HTTP until it is told to stop."""

from typing import Annotated

import typer

from linjevakt.cli.context import Context, Serving
from linjevakt.cli.edge import edge

_LAST_FD = 2**20  # Linux: fs.nr_open as it comes
_DAY_S = 86_400
Listen = Annotated[str, typer.Option(metavar="HOST:PORT", help="There are no users: keep it to this machine.")]
Fd = Annotated[int | None, typer.Option(metavar="N", min=3, max=_LAST_FD, help="Take over this listening socket.")]
Poll = Annotated[float, typer.Option(metavar="SECONDS", min=0, max=_DAY_S, help="Poll each router so often; 0: never.")]
NoOrders = Annotated[
    bool, typer.Option("--no-orders", help="Leave the system's steps of orders, and renewals, to another process.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the root of the command line."""
    app.command()(serve)


def serve(
    ctx: typer.Context,
    *,
    listen: Listen = "127.0.0.1:8080",
    fd: Fd = None,
    poll: Poll = 30.0,
    no_orders: NoOrders = False,
) -> None:
    """Poll the fleet, do the system's steps of orders, and serve page, API and metrics; ends cleanly on SIGTERM."""
    with edge():
        context: Context = ctx.obj
        context.serve(Serving(listen, fd, poll, orders=not no_orders))

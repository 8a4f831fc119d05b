"""`linjevakt impact`: which sites and organisations a failure hits, and whom to call about it."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from linjevakt import reach
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import organisations, sites, word
from linjevakt.model.inventory import Organisation
from linjevakt.model.saying import Saying
from linjevakt.reach import Hit, Reach, What


def register(root: typer.Typer) -> None:
    """Add the command to the root of the command line."""
    root.command()(impact)


def impact(
    ctx: typer.Context,
    kind: Annotated[What, typer.Argument(metavar="router|line|hub|provider", show_default=False)],
    name: Annotated[str, typer.Argument(help="Its name; a line's is ROUTER.LINE.", show_default=False)],
    *,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Show whom a failure hits: sites, organisations, and the numbers to call."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        found = reach.of(context.office.inventory(), kind, name)
        show_json(_plain(found)) if as_json else _show(found)


def _plain(found: Reach) -> dict[str, Any]:
    hits = [asdict(hit) | {"organisations": [_contact(one) for one in hit.organisations]} for hit in found.hits]
    return {"what": found.what, "name": found.name, "organisations": len(found.organisations), "sites": hits}


def _contact(organisation: Organisation) -> dict[str, Any]:
    return organisation.model_dump(mode="json", include={"number", "name", "contacts"})


def _show(found: Reach) -> None:
    out = sum(hit.outcome == "out" for hit in found.hits)
    echo(
        Saying(
            "{what} {name}: {sites} out, {others} on another line; {members} hit",
            what=word(found.what),
            name=found.name,
            sites=sites(out),
            others=len(found.hits) - out,
            members=organisations(len(found.organisations)),
        )
    )
    if found.hits:
        heads = (Saying("Router"), Saying("State"), Saying("Lines"), Saying("Organisation"), Saying("Contacts"))
        shown = Rows(Saying("Site"), *heads)
        for hit in found.hits:
            for row in _rows(hit):
                shown.add_row(*row)
        shown.show()


def _rows(hit: Hit) -> list[tuple[str, ...]]:
    """One for each organisation; the site is named in the first."""
    ours, empty = (hit.site, hit.router, word(hit.outcome), ", ".join(hit.lines)), ("", "", "", "")
    return [
        (*(empty if n else ours), f"{member.name} ({member.number})", contacts(member))
        for n, member in enumerate(hit.organisations)
    ]


def contacts(organisation: Organisation) -> str:
    """`Ola Hansen 990 00 101, ...`."""
    return ", ".join(f"{contact.name} {contact.phone}" for contact in organisation.contacts) or "-"

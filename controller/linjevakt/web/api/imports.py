"""An inventory brought in as an archive of a folder, as `linjevakt inventory import` does: all of it or nothing."""

from collections.abc import Iterable
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from linjevakt.inventory.archive import LARGEST_ARCHIVE
from linjevakt.model.actor import Permission
from linjevakt.model.entity import EntityKind
from linjevakt.model.errors import InventoryError
from linjevakt.model.fields import Text
from linjevakt.model.gate import gates
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, in_language
from linjevakt.office.importing import Conflict, Outcome, Told
from linjevakt.office.uploads import State, Upload, Uploads
from linjevakt.web import guards
from linjevakt.web.api.common import LOOKS, Number, Write, takes
from linjevakt.web.api.sites import GateAnswer, gate_answer
from linjevakt.web.problems import documented

ZIP: Final = "application/zip"
DryRun = Annotated[bool, Query(description="Tell what would change, save nothing.")]
Values = Annotated[
    Literal["mine", "theirs"] | None,
    Query(description="Where others have changed the same field: the folder's value, or theirs."),
]
Remove = Annotated[int, Query(ge=0, le=1_000_000, description="So many things may be removed, as a dry run counts.")]
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The folder, with installation.yaml at its top or in a single folder there.",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Changed(BaseModel):
    """One noun that is not the same; `fields` says how."""

    kind: Literal["added", "changed", "removed"]
    noun: EntityKind
    key: str
    fields: tuple[str, ...]


class By(BaseModel):
    """The change that made theirs what it is."""

    who: str
    when: str
    revision: int
    order: int | None


class Clashing(BaseModel):
    """A field that both sides have changed; without `field` the noun as a whole."""

    noun: EntityKind
    key: str
    field: str
    base: Any
    theirs: Any
    mine: Any
    by: By | None


class Finding(BaseModel):
    """Something that is wrong in the folder."""

    file: str
    line: int | None
    field: str
    message: Phrase
    remedy: Phrase


class ImportAnswer(BaseModel):
    """How far an import is; `done` of `total` sites are read.

    `rehearsed`: a dry run that would be saved; `refused`: `refusals` says why; `failed`: `error` does, or `findings`.
    Only what is `saved` has changed anything, as one `revision` (null: there was nothing to change).
    """

    number: int
    state: State
    dry_run: bool
    done: int
    total: int
    revision: int | None
    changes: tuple[Changed, ...]
    removals: tuple[str, ...]
    conflicts: tuple[Clashing, ...]
    closed: tuple[GateAnswer, ...]
    refusals: tuple[Phrase, ...]
    error: Phrase | None
    findings: tuple[Finding, ...]


def sends_zip(request: Request) -> None:
    """Refuses what is not sent as an archive: no form on a page elsewhere can send that (CSRF)."""
    if guards.kind_of(request) != ZIP:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Saying("Send {kind}.", kind=ZIP), {"Accept": ZIP})


def routes(uploads: Uploads) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=["imports"], max_body_size=LARGEST_ARCHIVE)

    @api.post(
        "/imports",
        status_code=HTTPStatus.ACCEPTED,
        dependencies=[Depends(sends_zip)],
        responses=documented(
            HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        ),
        openapi_extra=_BODY | takes(Permission.IMPORT),
    )
    async def import_inventory(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        request: Request,
        response: Response,
        who: Annotated[Text, Query(examples=["Kari Nordmann"])],
        reason: Annotated[Text, Query(examples=["Nye linjer fra leverandøren"])],
        on_behalf_of: Annotated[Text | None, Query(description="As in other writes.")] = None,
        dry_run: DryRun = False,  # noqa: FBT002 - as above
        values: Values = None,
        remove: Remove = 0,
    ) -> ImportAnswer:
        """Merges a folder with what others saved since its export. Answers at once; `GET` tells how far it is."""
        said = Write(who=who, on_behalf_of=on_behalf_of, reason=reason)
        told = Told(None if values is None else values == "mine", remove, rehearse=dry_run)
        with uploads.claimed():
            archive = await request.body()
            begun = await run_in_threadpool(uploads.begin, archive, said.author(), told)
        response.headers["Location"] = f"/api/v1/imports/{begun.number}"
        return _answer(begun)

    @api.get("/imports/{number}", **LOOKS)
    def show_import(number: Number) -> ImportAnswer:
        """How far an import is, or how it ended."""
        return _answer(uploads.get(number))

    return api


def _answer(upload: Upload) -> ImportAnswer:
    return ImportAnswer(
        number=upload.number,
        state=upload.state,
        dry_run=upload.told.rehearse,
        done=upload.done,
        total=upload.total,
        error=_phrase(upload.error) if upload.error else None,
        findings=tuple(_findings(upload.error)),
        **_told(upload.outcome, saved=upload.state == "saved"),
    )


def _told(outcome: Outcome | None, *, saved: bool) -> dict[str, Any]:
    if outcome is None:
        return {"revision": None} | dict.fromkeys(("changes", "removals", "conflicts", "closed", "refusals"), ())
    closed = () if outcome.refusals else (one for one in gates(outcome.after.inventory) if not one.open)
    return {
        "revision": outcome.saved.number if outcome.saved and saved else None,
        "changes": tuple(Changed(**asdict(change)) for change in outcome.changes),
        "removals": outcome.removals,
        "conflicts": tuple(map(_clashing, outcome.conflicts)),
        "closed": tuple(map(gate_answer, closed)),
        "refusals": tuple(map(_phrase, outcome.refusals)),
    }


def _clashing(found: Conflict) -> Clashing:
    clash, by = found.clash, found.by
    made = By(who=by.who, when=by.saved.isoformat(), revision=by.number, order=by.order) if by else None
    values = {"base": clash.base, "theirs": clash.theirs, "mine": clash.mine}
    return Clashing(noun=clash.noun, key=clash.key, field=clash.field, by=made, **values)


def _findings(error: Exception | None) -> Iterable[Finding]:
    for issue in error.issues if isinstance(error, InventoryError) else ():
        said = {"message": _phrase(issue.message), "remedy": _phrase(issue.remedy)}
        yield Finding(file=issue.file, line=issue.line, field=issue.field, **said)


def _phrase(said: object) -> Phrase:
    return Phrase(nb=in_language(said, "nb"), en=in_language(said, "en"))

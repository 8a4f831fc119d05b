"""Rows of what the controller remembers, to and from values of the model."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from pydantic import TypeAdapter

from linjevakt.model.change import PushResult
from linjevakt.model.entity import Revision
from linjevakt.model.errors import LinjevaktError, StorageError, shortened
from linjevakt.model.health import Health, Transition
from linjevakt.model.phrase import Phrase
from linjevakt.model.record import Certificate, DeviceIdentity, PushRecord, SeenList
from linjevakt.model.saying import NORWEGIAN, Said, Saying

Row = Mapping[Any, Any]
_T = TypeVar("_T", Health, PushRecord)


@contextmanager
def readable() -> Iterator[None]:
    """Raises StorageError when what the database holds cannot be read as a value of the model."""
    try:
        yield
    except LinjevaktError:  # some are ValueErrors as well
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        what = shortened(" ".join(str(error).split()), 200)
        raise StorageError(
            Saying(
                "The database holds something that this program cannot read ({what}). Restore it from its backup.",
                what=what,
            )
        ) from error


def text(value: object) -> str:
    """Raises TypeError for what a damaged column of text holds."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def state(value: object) -> str:
    """A polled router's. Raises ValueError for any other."""
    return _STATE.validate_python(value)


_NORWEGIAN: Final = f"_{NORWEGIAN}"


def in_both(row: Row) -> Row:
    """The row, with `x_nb` beside each text `x` that is said in Norwegian too."""
    said = {name: shortened(value.said(NORWEGIAN)) for name, value in row.items() if isinstance(value, Said)}
    return {**row, **{f"{name}{_NORWEGIAN}": text for name, text in said.items()}}


def said(row: Row) -> Row:
    """Back from `in_both`: texts that are English, and Norwegian where that is read."""
    plain = {name: value for name, value in row.items() if not name.endswith(_NORWEGIAN)}
    norwegian = {name.removesuffix(_NORWEGIAN): row[name] for name in row if name not in plain}
    both = {name: text for name, text in norwegian.items() if text is not None}
    return plain | {name: Saying("{}", Phrase(nb=text, en=row[name])) for name, text in both.items()}


def _with_sayings(record: _T, row: Row) -> _T:
    """The record with the row's sayings, which pydantic makes plain texts of."""
    sayings: dict[str, Any] = {name: value for name, value in row.items() if isinstance(value, Saying)}
    return replace(record, **sayings) if sayings else record


_DIFF = 1_000_000  # characters of a router's diff that are kept; a whole new configuration has some 30,000
UNENDED: Row = {"reason": "", "plan_hash": "", "diff": "", "steps": {}, "proof": []}

_STATE: TypeAdapter[str] = TypeAdapter(Literal["ok", "degraded", "down"])
_HEALTH = TypeAdapter(Health)
_TRANSITION = TypeAdapter(Transition)
_DEVICE = TypeAdapter(DeviceIdentity)
_PUSH = TypeAdapter(PushRecord)
_REVISION = TypeAdapter(Revision)
_CERTIFICATE = TypeAdapter(Certificate)
_SEEN_LIST = TypeAdapter(SeenList)


def health_row(health: Health) -> Row:
    """The current snapshot, with what one may ask for in columns."""
    plain = _HEALTH.dump_python(health, mode="json")
    snapshot = in_both({**plain, "detail": health.detail, "drift": health.drift})
    return {"router": health.router, "at": health.at, "state": health.state, "snapshot": snapshot}


def health_change(health: Health) -> Row:
    """The same for the row that is there: what `health_row` says, by the names of the update's parameters."""
    row = health_row(health)
    return {"of_router": row["router"], **{f"new_{name}": row[name] for name in ("at", "state", "snapshot")}}


def health(row: Row) -> Health:
    """Back from `health_row`."""
    told = text(row["snapshot"])
    found = _HEALTH.validate_json(told)
    return _with_sayings(found, said(json.loads(told))) if f'{_NORWEGIAN}"' in told else found


def transition_row(change: Transition) -> Row:
    """One change of condition."""
    return asdict(change)


def transition(row: Row) -> Transition:
    """Back from `transition_row`."""
    return _TRANSITION.validate_python(dict(row))


def device_row(device: DeviceIdentity) -> Row:
    """One enrolled router."""
    return asdict(device)


def device(row: Row) -> DeviceIdentity:
    """Back from `device_row`."""
    return _DEVICE.validate_python({**row, "ports": row["ports"] or ()})


def certificate_row(certificate: Certificate) -> Row:
    """One certificate that was issued."""
    return asdict(certificate)


def certificate(row: Row) -> Certificate:
    """Back from `certificate_row`."""
    return _CERTIFICATE.validate_python(dict(row))


def seen_list_row(seen: SeenList) -> Row:
    """What a router was seen to run."""
    return {"hub": seen.router, "seen": seen.seen, "serials": sorted(seen.serials)}


def seen_list(row: Row) -> SeenList:
    """Back from `seen_list_row`."""
    return _SEEN_LIST.validate_python({name: row[name] for name in ("seen", "serials")} | {"router": row["hub"]})


def revision(row: Row) -> Revision:
    """One change of the register."""
    columns = ("number", "saved", "who", "why", "actor")
    return _REVISION.validate_python({name: row[name] for name in columns} | {"order": row["order_number"]})


def push(row: Row) -> PushRecord:
    """One push, running or ended."""
    found = {**said(row), "proof": tuple(map(said, row["proof"]))}
    return _with_sayings(_PUSH.validate_python(found), found)


def ended_row(result: PushResult, ended: datetime) -> Row:
    """What the end of a push adds to its row."""
    plan = {"plan_hash": result.plan.hash, "diff": shortened(result.plan.diff, _DIFF)} if result.plan else {}
    return plan | {
        "state": result.state,
        **in_both({"reason": result.reason}),
        "reason": shortened(str(result.reason)),
        "ended": ended,
        "steps": dict(result.steps),
        "proof": [in_both(asdict(leg)) for leg in result.proof.legs] if result.proof else [],
    }

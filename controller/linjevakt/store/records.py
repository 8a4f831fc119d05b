"""Rows of what the controller remembers, to and from values of the model."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from linjevakt.model.change import PushResult
from linjevakt.model.entity import Revision
from linjevakt.model.errors import LinjevaktError, StorageError, shortened
from linjevakt.model.health import Health, Transition
from linjevakt.model.record import Certificate, DeviceIdentity, PushRecord, SeenList
from linjevakt.model.saying import Saying

Row = Mapping[Any, Any]


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
    snapshot = _HEALTH.dump_python(health, mode="json")
    return {"router": health.router, "at": health.at, "state": health.state, "snapshot": snapshot}


def health_change(health: Health) -> Row:
    """The same for the row that is there: what `health_row` says, by the names of the update's parameters."""
    row = health_row(health)
    return {"of_router": row["router"], **{f"new_{name}": row[name] for name in ("at", "state", "snapshot")}}


def health(row: Row) -> Health:
    """Back from `health_row`."""
    return _HEALTH.validate_python(row["snapshot"])


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
    columns = ("number", "saved", "who", "why")
    return _REVISION.validate_python({name: row[name] for name in columns} | {"order": row["order_number"]})


def push(row: Row) -> PushRecord:
    """One push, running or ended."""
    return _PUSH.validate_python(dict(row))


def ended_row(result: PushResult, ended: datetime) -> Row:
    """What the end of a push adds to its row."""
    plan = {"plan_hash": result.plan.hash, "diff": shortened(result.plan.diff, _DIFF)} if result.plan else {}
    return plan | {
        "state": result.state,
        "reason": shortened(result.reason),
        "ended": ended,
        "steps": dict(result.steps),
        "proof": [asdict(leg) for leg in result.proof.legs] if result.proof else [],
    }

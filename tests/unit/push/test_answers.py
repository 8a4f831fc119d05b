"""What a router answers has an end before anything keeps it: in memory, in an error, in the database."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests import prepared

from linjevakt.devices import RawProof
from linjevakt.model.change import Plan, PushResult, PushState
from linjevakt.model.errors import DeviceError
from linjevakt.store import Store

_PROBE = {"service": "dns", "segment": "a", "kind": "dns", "ok": True, "ms": 1.0}
_LINE = {"name": "wan0", "up": True, "in_use": True}


def _proof(**more: object) -> RawProof:
    whole = {"config_hash": "c0ffee", "pending": False, "tunnel": None, "lines": [], "probes": []}
    return RawProof.model_validate_json(json.dumps(whole | more))


@pytest.mark.parametrize(
    "more",
    [
        {"probes": [_PROBE] * 100_000},
        {"lines": [_LINE] * 1000},
        {"probes": [_PROBE | {"body": "x" * 3_000_000}]},
    ],
)
def test_a_proof_has_an_end(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _proof(**more)


def test_of_a_text_as_much_is_kept_as_a_person_reads() -> None:
    proof = _proof(probes=[_PROBE | {"detail": "x" * 8_000_000}], config_hash="h" * 8_000_000)
    assert len(proof.probes[0].detail) < 2100
    assert "7998000 characters left out" in proof.probes[0].detail
    assert len(proof.config_hash) < 2100
    assert len(str(DeviceError("rtr-a: " + "e" * 8_000_000))) < 2100


def test_of_a_diff_a_megabyte_is_kept(tmp_path: Path) -> None:
    store = Store(prepared.migrated(tmp_path))
    begun = store.pushes.begin(
        "rtr-a", candidate_hash="c0ffee", revert_in_s=60, worker="noc:1", until=datetime.now(UTC) + timedelta(minutes=5)
    )
    plan = Plan("rtr-a", "+x\n" * 3_000_000, (), "beef", "")
    now = datetime.now(UTC)
    store.pushes.end(begun, PushResult("rtr-a", PushState.FAILED, "e" * 8_000_000, now, 1.0, plan))
    (kept,) = store.pushes.latest()
    assert len(kept.diff) < 1_000_100
    assert "8000000 characters left out" in kept.diff
    assert len(kept.reason) < 2100
    store.close()

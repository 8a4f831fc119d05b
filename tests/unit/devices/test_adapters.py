"""What is ours is asked of routers with our agent alone; what any driver can do, of every one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linjevakt.devices import Lined, Openable, Pending, Provable, Reaching
from linjevakt.devices.linjevakt import ConfigStatus, Generation, LinjevaktDevice, Outcome
from linjevakt.devices.napalm import NapalmDevice
from linjevakt.model.change import Sent, Standing
from linjevakt.model.secret import Secret

OURS = {"prove", "openings", "status", "standing", "pending", "running_hash"}


class Driver:
    """Another vendor's: it writes down all that it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def answer(*_args: Any, **_kwargs: Any) -> Any:
            self.asked.append(name)
            return {"running": "hostname x"}

        return answer


def test_a_driver_of_any_vendor_is_never_asked_for_our_agent() -> None:
    driver = Driver()
    device = NapalmDevice("rtr-a", driver)
    device.load(Secret("x"), replace=True)
    device.load(Secret("x"), replace=False)
    device.compare()
    device.commit(60, "why")
    device.confirm()
    device.rollback()
    device.discard()
    device.running()
    assert "cli" not in driver.asked
    assert len(driver.asked) == 8


def test_what_only_a_family_can_tell_is_not_shared() -> None:
    assert {name for name in OURS if hasattr(NapalmDevice, name)} == set()
    assert {name for name in OURS if hasattr(LinjevaktDevice, name)} == OURS


@pytest.mark.parametrize(("capability", "has"), [(Provable, True), (Openable, True), (Lined, False), (Reaching, False)])
def test_our_agent_proves_and_tries_openings(capability: type, *, has: bool) -> None:
    assert isinstance(LinjevaktDevice("rtr-a", Driver()), capability) is has
    assert not isinstance(NapalmDevice("rtr-a", Driver()), capability)


NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SENT = Sent("c0ffee", "ours", NOON)


def _status(runs: str, waits: str = "", last: str = "", at: datetime = NOON) -> ConfigStatus:
    return ConfigStatus(
        running=Generation(generation=1, hash=runs, committed_at=NOON),
        pending=Pending(session=waits, revert_in_s=30.0) if waits else None,
        last=Outcome.model_validate({"outcome": last, "reason": "", "at": at}) if last else None,
    )


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        (_status("c0ffee", waits="ours"), Standing.OURS_PENDING),
        (_status("c0ffee", last="confirmed"), Standing.OURS_CONFIRMED),
        (_status("c0ffee", waits="theirs"), Standing.OTHER),
        (_status("other", last="reverted"), Standing.BACK),
        (_status("other", last="rolled-back"), Standing.BACK),
        (_status("other", last="reverted", at=NOON - timedelta(minutes=1)), Standing.BACK),  # its clock is behind ours
        (_status("other", last="reverted", at=NOON - timedelta(minutes=3)), Standing.UNTOUCHED),
        (_status("other", last="confirmed"), Standing.UNTOUCHED),
        (_status("other"), Standing.UNTOUCHED),
        (ConfigStatus(), Standing.UNTOUCHED),
    ],
)
def test_what_has_become_of_a_commit_follows_from_what_the_agent_says(status: ConfigStatus, standing: Standing) -> None:
    assert status.standing(SENT) is standing

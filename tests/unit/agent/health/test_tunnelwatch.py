"""The tunnel watch against a charon that speaks vici: it starts what is missing, tells why, and disturbs nothing."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests import timing
from tests.unit.agent.fake_charon import FakeCharon, serving

from linjevakt_agent.base.volatile import exclusively
from linjevakt_agent.collect import tunnel
from linjevakt_agent.ipsec import charon as asking
from linjevakt_agent.ipsec import tunnels
from linjevakt_agent.ipsec.charon import CharonError, NotRunningError
from linjevakt_agent.tunnel import tunnelwatch


@pytest.fixture
def charon(box: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCharon]:
    """At the box's vici socket; the watch looks often and waits seldom."""
    monkeypatch.setattr(tunnelwatch, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("linjevakt_agent.tunnel.keeping.wait_s", lambda _outage, _chance: 0.1)
    fake = FakeCharon()
    with serving(fake, box.root / asking.SOCKET):
        yield fake


def watched(box: Any, until: Callable[[], bool], within_s: float = timing.HANGS_S) -> None:
    """Run the watch until something has come true."""

    async def play() -> None:
        task = asyncio.create_task(tunnelwatch.watch(box.root))
        deadline = time.monotonic() + within_s
        while not until() and not task.done() and time.monotonic() < deadline:  # noqa: ASYNC110 - a file, or the clock
            await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert until()

    asyncio.run(play())


def after(seconds: float) -> Callable[[], bool]:
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() >= deadline


def told(box: Any) -> Any:
    return json.loads((box.paths.run / "tunnel.json").read_text())


def test_what_is_missing_is_started_and_what_is_there_left_alone(box: Any, charon: FakeCharon) -> None:
    charon.up("management")
    watched(box, lambda: bool(charon.initiated) and tunnel.of(box.paths).up is True)
    watched(box, after(0.5))
    assert charon.initiated == ["segment_a"]


def test_a_tunnel_that_is_gone_is_started_whole(box: Any, charon: FakeCharon) -> None:
    watched(box, lambda: tunnel.of(box.paths).up is True)
    assert charon.initiated == ["management", "segment_a"]


@pytest.mark.parametrize("state", ["CREATED", "CONNECTING", "REKEYING"])
def test_an_ike_sa_in_the_making_is_not_disturbed(box: Any, charon: FakeCharon, state: str) -> None:
    charon.up(state=state)
    watched(box, after(0.5))
    assert charon.initiated == []


@pytest.mark.parametrize("where", ["tasks-queued", "tasks-active"])
def test_a_child_that_is_asked_for_is_not_asked_for_twice(box: Any, charon: FakeCharon, where: str) -> None:
    charon.up("management")
    charon.sas[0][where] = ["CHILD_CREATE"]
    watched(box, after(0.5))
    assert charon.initiated == []


def test_children_in_either_of_two_ike_sas_are_there(box: Any, charon: FakeCharon) -> None:
    charon.up("management")
    (old,) = charon.sas
    charon.up("segment_a")
    charon.sas.append(old)
    watched(box, after(0.5))
    assert charon.initiated == []


def test_nothing_is_started_while_the_guard_replaces_tunnels(box: Any, charon: FakeCharon) -> None:
    with exclusively(box.paths.run / tunnels.LOCK):
        watched(box, after(0.5))
    assert charon.initiated == []
    watched(box, lambda: bool(charon.initiated))


def test_nothing_is_started_while_the_line_in_use_is_down(box: Any, charon: FakeCharon) -> None:
    file = box.paths.run / "lines.json"
    up = file.read_text()
    file.write_text(up.replace('"up": true', '"up": false'))
    watched(box, after(0.5))
    assert charon.initiated == []
    file.write_text(up)
    watched(box, lambda: bool(charon.initiated))


def test_a_hub_starts_nothing(box: Any, charon: FakeCharon) -> None:
    box.commit(2, box.agent().replace('[tunnel]\nconnection = "hub"\n', ""), box.secrets())
    watched(box, after(0.5))
    assert charon.initiated == []


def test_a_refusal_is_told_and_forgotten_once_the_tunnel_is_whole(box: Any, charon: FakeCharon) -> None:
    charon.refusing = "received AUTHENTICATION_FAILED notify error"

    def refused() -> bool:
        return ", 4 times since " in tunnel.of(box.paths).detail

    watched(box, refused)
    detail = tunnel.of(box.paths).detail
    assert detail.startswith(
        "no IKE SA for connection hub; the hub refuses us: AUTHENTICATION_FAILED, 4 times since 20"
    )
    charon.refusing = ""
    watched(box, lambda: tunnel.of(box.paths).up is True and told(box) is None)


def test_what_charon_says_of_others_is_none_of_ours(box: Any, charon: FakeCharon) -> None:
    def heard() -> bool:
        charon.say("received NO_PROPOSAL_CHOSEN notify error", connection="other")
        return False

    charon.refusing = "received TS_UNACCEPTABLE notify, no CHILD_SA built"
    with pytest.raises(AssertionError):
        watched(box, heard, within_s=1)
    assert told(box)["said"] == "the hub refuses us: TS_UNACCEPTABLE"


def test_a_file_that_nobody_wrote_is_no_news_and_a_broken_one_is_told(box: Any, charon: FakeCharon) -> None:
    assert tunnel.of(box.paths).detail == "no IKE SA for connection hub"
    (box.paths.run / "tunnel.json").write_text('{"said": 3}')
    state = asyncio.run(tunnelwatch.answer(box.paths, None))
    assert (state["up"], charon.initiated) == (False, [])
    assert "tunnel.json" in state["detail"]


def test_a_charon_that_falls_silent_in_the_middle_of_an_answer_is_given_up(box: Any, charon: FakeCharon) -> None:
    charon.cut_off = True
    with (
        timing.ends(),
        pytest.raises(CharonError, match="timed out"),
        asking.session(box.root / asking.SOCKET, 0.3) as asked,
    ):
        asked.version()


def test_a_charon_that_is_away_is_told_from_one_that_is_silent(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError), asking.session(tmp_path / "nobody"):
        pass

"""What an order says is so: who did a step, what was answered, what was ordered, what is to be brought back."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.workorders.conftest import Clock
from tests.unit.workorders.field import FakeField, Refusing
from tests.unit.workorders.papers import (
    MOBILE,
    OWN_ISP,
    OWNER,
    PLACE,
    SHARER,
    SUBSCRIPTION,
    new_site,
    on_its_way,
)

from linjevakt.daemons.orders import Runner
from linjevakt.inventory import field_changes
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.errors import ConflictError, InvalidInputError, LinjevaktError, NotFoundError, RefusedError
from linjevakt.model.order import OrderState
from linjevakt.store import Store
from linjevakt.workorders import corrections
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.step import Home

MOVE: dict[str, Any] = {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP]}
SEGMENT = {"name": "psykolog", "organisation": OWNER, "port": "lan1", "share": 20}
SHARING: dict[str, Any] = {"site": "solbakken", "segment": SEGMENT, "shares": {"apotek": 80}}


# --- whose step, and when ---


def test_a_second_person_is_told_who_has_done_the_step(desk: Desk, clock: Clock) -> None:
    number = on_its_way(desk)
    clock.move(datetime(2026, 11, 23, 11, 6, tzinfo=UTC))
    desk.record(number, "Nora", {}, step="unplug")
    with pytest.raises(ConflictError, match=r"unplug was done by Nora at 12:06; the next step is plug_in\."):
        desk.record(number, "Ola", {}, step="unplug")
    clock.move(timedelta(days=1))
    with pytest.raises(ConflictError, match="done by Nora at 2026-11-23 12:06"):
        desk.record(number, "Ola", {}, step="unplug")
    assert desk.order(number).step == "plug_in", "the technician's second step is not done by a repetition of the first"


def test_who_comes_to_an_order_that_has_ended_is_told_who_did_it_too(desk: Desk) -> None:
    number = desk.new("exclude", {"organisation": SHARER, "reason": "a compromise"}, "kari").number
    desk.record(number, "Nora", {"told": "2026-11-23"}, step="told")
    desk.run(number)
    with pytest.raises(ConflictError, match="told was done by Nora at 10:00; the order is done"):
        desk.record(number, "Ola", {"told": "2026-11-23"}, step="told")


# --- answers put right ---


def test_an_answer_is_corrected_and_the_former_one_stays(desk: Desk, store: Store) -> None:
    number = on_its_way(desk)
    order = desk.correct(number, "survey", "nora", {"coverage_dbm": "\u221293"}, "typed the wrong meter")
    assert order.said("survey", "coverage_dbm") == "-93"
    assert order.said("survey", "locked") == "yes", "what was right is kept"
    assert [one.values["coverage_dbm"] for one in order.evidence if one.step == "survey"] == ["-87", "-93"]
    assert order.step == "unplug", "and nothing is done again"
    latest = store.register.history(EntityKind.ORDER, f"{number}")[0]
    assert (latest.revision.who, latest.revision.why) == ("nora", "typed the wrong meter")


def test_a_corrected_paper_is_corrected_in_the_register_too(desk: Desk, store: Store) -> None:
    number = desk.new("share", SHARING, "kari").number
    desk.record(number, "ola", {"confirmed": "2026-11-20", "document": "arkiv 2026/99"})
    assert desk.run(number).state is OrderState.DONE
    desk.correct(number, "confirmation", "nora", {"document": "arkiv 2026/98", "confirmed": "19.11.2026"}, "misread")
    (sharing,) = store.inventory().sites[1].sharing
    assert (sharing.document, str(sharing.confirmed)) == ("arkiv 2026/98", "2026-11-19")


def test_a_site_that_was_changed_since_is_not_corrected_behind_anyones_back(desk: Desk, store: Store) -> None:
    number = desk.new("share", SHARING, "kari").number
    desk.record(number, "ola", {"confirmed": "2026-11-20", "document": "arkiv 2026/99"})
    desk.run(number)
    wish = {"site": "solbakken", "segment": "apotek", "service": "domain"}
    desk.run(desk.new("add_service", wish, "kari").number)
    before = store.inventory()
    with pytest.raises(ConflictError, match="changed by someone else since"):
        desk.correct(number, "confirmation", "nora", {"document": "arkiv 2026/98"}, "misread")
    assert store.inventory() == before


@pytest.mark.parametrize(
    ("step", "values", "error", "says"),
    [
        ("survy", {"locked": "yes"}, NotFoundError, "Did you mean 'survey'?"),
        ("unplug", {"x": "y"}, NotFoundError, "no step 'unplug' with answers"),
        ("register", {"address_register": "changed"}, ConflictError, "was not done yet"),
        ("survey", {"coverage_dbm": "87"}, InvalidInputError, "did you mean -87"),
        ("survey", {"locked": "nei"}, InvalidInputError, "must be `yes`"),
        ("survey", {"lokked": "yes"}, InvalidInputError, "did you mean 'locked'"),
        ("survey", {"coverage_dbm": "-87"}, InvalidInputError, "that is what was answered"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    desk: Desk, step: str, values: dict[str, str], error: type[Exception], says: str
) -> None:
    number = on_its_way(desk)
    before = desk.order(number)
    with pytest.raises(error, match=says.replace("?", r"\?")):
        desk.correct(number, step, "nora", values, "why")
    assert desk.order(number) == before


def test_an_answer_that_has_moved_a_box_is_not_corrected() -> None:
    moves = {a.name for kind in KINDS.values() for s in kind.steps if s.key in {"stage", "returned"} for a in s.answers}
    settled = {a.name for kind in KINDS.values() for step in kind.steps for a in step.answers if a.settled}
    assert settled == moves


# --- orders amended ---


def test_an_open_order_is_amended_until_a_step_rests_on_the_field(desk: Desk, store: Store) -> None:
    number = on_its_way(desk)
    order = desk.amend(number, MOVE | {"place": PLACE | {"room": "12"}}, "nora", "another room")
    assert (order.step, order.wish["place"]["room"]) == ("unplug", "12")
    line = OWN_ISP | {"down_mbit": 200}
    with pytest.raises(
        ConflictError, match=r"lines\[0\]\.down_mbit was used by the step prepare \(done by linjevakt at"
    ):
        desk.amend(number, MOVE | {"lines": [line]}, "nora", "faster")
    for _ in ("unplug", "plug_in"):
        desk.record(number, "tekniker", {})
    assert desk.run(number).step == "register"
    assert store.inventory().sites[0].place.room == "12"
    with pytest.raises(ConflictError, match=r"place\.room was used by the step record"):
        desk.amend(number, MOVE, "nora", "the first one after all")


def test_another_provider_is_another_paper(desk: Desk) -> None:
    number = desk.new("relocation", MOVE, "kari").number
    other = MOVE | {"lines": [OWN_ISP | {"provider": "Annetnett"}]}
    desk.amend(number, other, "nora", "they chose another")
    desk.record(number, "ola", SUBSCRIPTION)
    with pytest.raises(ConflictError, match=r"lines\[0\]\.provider was used by the step subscription"):
        desk.amend(number, MOVE, "nora", "and changed their mind")
    desk.amend(number, MOVE | {"lines": [other["lines"][0] | {"fault_phone": "990 00 900"}]}, "nora", "it has a number")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"site": "solbakken"}, "site is what the order"),
        ({"lines": [OWN_ISP | {"priority": 9}]}, r"lines\.0\.priority"),
        ({"plass": 1}, "plass"),
        ({}, "that is what was ordered"),
        ({"lines": [OWN_ISP, MOBILE | {"priority": 1}]}, "priority"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused(desk: Desk, change: dict[str, Any], says: str) -> None:
    number = desk.new("relocation", MOVE, "kari").number
    with pytest.raises((ConflictError, InvalidInputError), match=says):
        desk.amend(number, MOVE | change, "nora", "why")
    assert desk.order(number).wish["site"] == "fjellheim"


def test_an_amended_order_must_be_possible_as_a_new_one(desk: Desk) -> None:
    number = desk.new("share", SHARING, "kari").number
    with pytest.raises(InvalidInputError, match="There is no segment apotk"):
        desk.amend(number, SHARING | {"shares": {"apotk": 80}}, "nora", "why")
    with pytest.raises(InvalidInputError, match="make 120 %"):
        desk.amend(number, SHARING | {"segment": SEGMENT | {"share": 40}}, "nora", "why")
    with pytest.raises(ConflictError, match=r"segment\.prefix is what"):
        desk.amend(number, SHARING | {"segment": SEGMENT | {"prefix": "10.96.9.0/24"}}, "nora", "why")
    claims = desk.order(number).claims
    assert (
        desk.amend(number, SHARING | {"segment": SEGMENT | {"port": "lan2"}}, "nora", "lan1 is used").claims == claims
    )


def test_a_cancelled_order_is_not_amended(desk: Desk) -> None:
    number = desk.new("relocation", MOVE, "kari").number
    desk.cancel(number, "kari", "they stay")
    with pytest.raises(ConflictError, match="only an open one"):
        desk.amend(number, MOVE | {"place": PLACE | {"room": "12"}}, "nora", "why")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_every_field_of_a_wish_is_settled_by_steps_of_its_kind(kind: Any) -> None:
    steps = {step.key for step in kind.steps} | {corrections.TAKEN}
    for path, settling in kind.settled_by.items():
        assert path.split(".")[0] in kind.wish.model_fields, path
        assert steps.intersection(settling), (path, "nothing would ever settle it")
    about = {"site", "organisation", "owner", "router", "management"}
    assert set(kind.wish.model_fields) - {path.split(".")[0] for path in kind.settled_by} <= about


def test_a_change_of_any_depth_is_found_by_its_path() -> None:
    wish = KINDS["new_site"].wish
    before = wish.model_validate(new_site())
    after = wish.model_validate(new_site() | {"site": new_site()["site"] | {"key": "storgata"}})
    paths = [change.path for change in field_changes(before, after)]
    assert [corrections.settled_by(KINDS["new_site"], path) for path in paths] == [("taken",)]
    assert corrections.settled_by(KINDS["new_site"], "site.room") == ("record",)


# --- what cannot be ---


def test_a_line_is_not_shared_with_its_owner(desk: Desk) -> None:
    wish = SHARING | {"segment": SEGMENT | {"organisation": SHARER}}
    with pytest.raises(InvalidInputError, match="owns the line of solbakken and cannot share it with itself"):
        desk.new("share", wish, "kari")
    number = desk.new("share", SHARING, "kari").number
    with pytest.raises(InvalidInputError, match="cannot share it with itself"):
        desk.amend(number, wish, "nora", "the other way in")


@pytest.mark.parametrize(
    ("error", "tries"),
    [(RefusedError("nftables.conf:3: no such thing"), [1, 1, 2, 3]), (ConflictError("later"), [1, 2, 3, 4])],
)
def test_a_certain_refusal_is_not_tried_again_before_something_changes(
    desk: Desk, store: Store, clock: Clock, error: LinjevaktError, tries: list[int]
) -> None:
    hands = Refusing(store, error=error)
    desk._hands = lambda _heard: hands  # noqa: SLF001 - another pair of hands for the same desk
    desk.new("add_service", {"site": "fjellheim", "segment": "legekontor", "service": "ntp"}, "kari")
    runner, tried = Runner(desk, clock=clock), []

    def an_hour_later() -> None:
        clock.move(timedelta(hours=1))
        for due in runner._due():  # noqa: SLF001 - one round, without threads
            runner._advance(due, threading.Event())  # noqa: SLF001 - as above
        tried.append(hands.tries)

    an_hour_later()
    an_hour_later()
    runner.nudge(1, "kari")
    an_hour_later()
    with store.register.edit(Author("kari", "mended")) as draft:
        draft.put(draft.inventory.installation.model_copy(update={"support_phone": "02018"}))
    an_hour_later()
    assert tried == tries, "at once, an hour later, when somebody asks, when the installation is another"


# --- what is to be brought back ---


def test_a_relocation_that_is_cancelled_on_the_way_says_what_goes_back(desk: Desk) -> None:
    number = on_its_way(desk)
    desk.record(number, "tekniker", {}, step="unplug")
    assert desk.cancel(number, "kari", "they stay").state is OrderState.UNDOING
    told = [note.en for note in desk.look(number).notes]
    assert told == [
        "The line that the member ordered from Nyfiber has to be cancelled there (bekreftelse 17).",
        "rtr-fjellheim goes back to Storgata 1, 0155 Oslo, 2, room 214.",
        "wan0 goes back on the line from Eksempelnett.",
    ]
    assert all(note.nb != note.en for note in desk.look(number).notes)
    desk.run(number)
    assert [note.en for note in desk.look(number).notes] == told, "also when the router is as it was"


def test_what_nobody_has_touched_is_not_to_be_brought_back(desk: Desk) -> None:
    number = desk.new("relocation", MOVE, "kari").number
    desk.cancel(number, "kari", "they stay")
    assert desk.look(number).notes == ()


# --- whether a router was away ---


def _plugged_in(desk: Desk) -> int:
    number = on_its_way(desk)
    for step in ("unplug", "plug_in"):
        desk.record(number, "tekniker", {}, step=step)
    return number


def test_a_router_that_never_left_has_not_come_home(desk: Desk, field: FakeField) -> None:
    field.stayed = {"rtr-fjellheim"}
    number = _plugged_in(desk)
    order = desk.run(number)
    assert order.trouble
    assert (order.step, order.trouble.certain) == ("home", False)
    told = "rtr-fjellheim has not been away since 2026-11-23 10:00: it was not started anew, and no cable was pulled."
    assert order.trouble.message.en.startswith(told)
    assert order.trouble.message.nb.startswith("rtr-fjellheim har ikke vært borte siden 23.11.2026 kl. 10:00:")
    field.stayed = set()
    assert desk.run(number).step == "register"


BEFORE = Home("wan0", {"wan0": "static 198.51.100.2", "wan1": "dhcp 100.64.1.2"}, "first", {"wan0": 3, "wan1": 1})


@pytest.mark.parametrize(
    ("found", "step"),
    [
        (replace(BEFORE, lines={"wan0": "dhcp 192.168.1.2"}), "home"),
        (replace(BEFORE, lines={"wan0": ""}, carriers={"wan0": 3, "wan1": 9}), "home"),
        (replace(BEFORE, lines={"wan0": "dhcp 192.168.1.2"}, carriers={"wan0": 5, "wan1": 1}), "register"),
        (replace(BEFORE, lines={"wan0": ""}, carriers={"wan0": 4, "wan1": 1}), "register"),
        (replace(BEFORE, lines={"wan0": "dhcp 192.168.1.2"}, boot="second"), "register"),
        (replace(BEFORE, lines={"wan0": "dhcp 192.168.1.2"}, boot="", carriers={}), "register"),
        (replace(BEFORE, lines={"wan0": ""}, boot="", carriers={}), "home"),
    ],
    ids=["address", "mobile", "cable back", "cable out", "started", "old agent", "old agent that says nothing new"],
)
def test_what_tells_that_a_router_was_away(
    desk: Desk, field: FakeField, monkeypatch: pytest.MonkeyPatch, found: Home, step: str
) -> None:
    monkeypatch.setattr(field, "seen", lambda _router: BEFORE)
    monkeypatch.setattr(field, "home", lambda _router: found)
    assert desk.run(_plugged_in(desk)).step == step

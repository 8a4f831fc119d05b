"""What orders tell a Norwegian is Norwegian from its first word to its last, also where an error stands in it."""

from collections.abc import Callable

import pytest
from tests.boxes import claim
from tests.unit.fleet.test_fleet import PlainRouter
from tests.unit.push.fake_router import FakeClock
from tests.unit.workorders.field import FakeField, Refusing
from tests.unit.workorders.papers import OWN_ISP, PLACE, SUBSCRIPTION, SURVEY, on_its_way

from linjevakt.devices import RawProof
from linjevakt.inventory import load_catalogue
from linjevakt.model.errors import LinjevaktError, NotFoundError, RefusedError
from linjevakt.model.order import FailedLeg
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, in_language
from linjevakt.provisioning.fleet import Fleet
from linjevakt.provisioning.revocation import Waiting, named, told
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt.workorders import trouble
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.field import Field
from linjevakt.workorders.trouble import TroubleError


class Dark(PlainRouter):
    """A router whose lines are down, and that cannot say why."""

    def prove(self) -> RawProof:
        found = super().prove()
        down = (line.model_copy(update={"up": False, "detail": ""}) for line in found.lines)
        return found.model_copy(update={"lines": tuple(down)})


MOVE = {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP]}
REFUSED: list[tuple[Callable[[Desk], object], str]] = [
    (lambda desk: desk.order(7), "Det finnes ingen ordre 7; `linjevakt order list --all` viser hva som finnes."),
    (
        lambda desk: desk.new("relocatio", {}, "kari"),
        "Det finnes ingen ordretype 'relocatio'. Mente du 'relocation'?",
    ),
    (
        lambda desk: desk.new("relocation", MOVE, "kari"),
        "Ordre 1 (relocation) om fjellheim er åpen. Fullfør eller kanseller den først.",
    ),
    (
        lambda desk: desk.record(1, "nora", SUBSCRIPTION, step="subscription"),
        "Ordre 1: subscription er gjort av ola kl. 10:00; neste steg er survey.",
    ),
    (
        lambda desk: desk.record(1, "nora", SURVEY | {"coverage_dbm": "87", "power": ""}),
        (
            "Steget survey: power mangler (Er det strøm hele døgnet?); "
            "coverage_dbm: 87 er ikke mulig; verdien må være fra -140 til -40 dBm (mente du -87?)."
        ),
    ),
    (
        lambda desk: desk.amend(1, {**MOVE, "lines": [OWN_ISP | {"provider": "Annen"}]}, "kari", "skrivefeil"),
        (
            "Ordre 1 kan ikke endres slik: lines[0].provider er brukt av steget subscription (gjort av ola kl. 10:00). "
            "Kanseller den og bestill på nytt, eller bestill endringen når denne er ferdig."
        ),
    ),
]


@pytest.mark.parametrize(("asked", "said"), REFUSED)
def test_what_is_refused_is_said_in_norwegian(desk: Desk, asked: Callable[[Desk], object], said: str) -> None:
    desk.new("relocation", MOVE, "kari")
    desk.record(1, "ola", SUBSCRIPTION)
    with pytest.raises(LinjevaktError) as caught:
        asked(desk)
    assert caught.value.said("nb") == said
    assert str(caught.value) == caught.value.said("en") != said


def test_an_order_that_is_taken_back_is_said_so(desk: Desk, field: FakeField) -> None:
    number = on_its_way(desk)
    field.away = {"rtr-fjellheim"}
    desk.cancel(number, "kari", "flytter ikke")
    with pytest.raises(LinjevaktError) as caught:
        desk.cancel(number, "kari", "flytter ikke")
    assert str(caught.value).startswith(f"Order {number} is undoing. Say `leave`")
    assert caught.value.said("nb").startswith(f"Ordre {number} trekkes tilbake. Oppgi `leave`")


def test_the_trouble_of_a_step_is_kept_in_both_languages_whatever_error_it_was(desk: Desk, store: Store) -> None:
    number = desk.new("add_service", {"site": "fjellheim", "segment": "legekontor", "service": "ntp"}, "kari").number
    refused = RefusedError(
        Saying("{router} has no port {missing}. It has: {ports}.", router="r", missing="x", ports="y")
    )
    hands = Refusing(store, error=refused)
    desk._hands = lambda _heard: hands  # noqa: SLF001 - another pair of hands for the same desk
    kept = desk.run(number).trouble
    assert kept is not None
    assert kept.message == Phrase(nb="r har ikke porten x. Den har: y.", en="r has no port x. It has: y.")
    assert desk.order(number).trouble == kept


def test_what_begins_is_heard_in_both_languages(desk: Desk) -> None:
    heard: list[str] = []
    number = desk.new("relocation", MOVE, "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    desk.run(number, heard.append)
    assert ("preload: The router learns of the new lines", "preload: Ruteren får vite om de nye linjene") in [
        (one, in_language(one, "nb")) for one in heard
    ]


def test_a_leg_that_failed_is_kept_in_both_languages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linjevakt.workorders.field.LINES_UP_WITHIN_S", 0.0)
    site = Dark(FakeClock())
    vault = Vault(store, SealKey.generate())
    fleet = Fleet(store, vault, load_catalogue(None), connect=site.connect, clock=site.clock)
    fleet.boxes.stage("rtr-fjellheim", claim())
    heard: list[str] = []
    with pytest.raises(TroubleError) as caught:
        Field(fleet, heard.append).proven("rtr-fjellheim")
    leg = caught.value.legs[0]
    assert leg.detail.nb.startswith("wan0 er nede: ikke noe svar")
    assert leg.detail.en.startswith("wan0 is down: no answer")
    assert FailedLeg.model_validate_json(leg.model_dump_json()) == leg
    assert in_language(heard[0], "nb") == "rtr-fjellheim: alle linjene"


def test_a_leg_that_was_written_down_in_english_alone_is_still_read() -> None:
    leg = FailedLeg.model_validate({"name": "line", "detail": "wan0 is down", "call": "NHN 02345"})
    assert leg.detail == Phrase(nb="wan0 is down", en="wan0 is down")


def test_trouble_that_goes_on_as_an_error_is_said_in_its_language() -> None:
    error = TroubleError(Phrase(nb="Ingen hub.", en="No hub."))
    assert (error.said("nb"), error.said("en"), trouble.told(error)) == ("Ingen hub.", "No hub.", error.message)
    assert trouble.told(NotFoundError(Saying("no answer"))) == Phrase(nb="ikke noe svar", en="no answer")


def test_why_a_router_was_not_told_is_said_in_the_same_language() -> None:
    waiting = [Waiting(f"r{n}", Saying("{}.", Saying("not told"))) for n in range(7)]
    assert told(waiting[:1]) == Phrase(
        nb="tilbakekalt, men gjelder IKKE ENNÅ på r0 (har ikke fått vite det)",
        en="revoked, but NOT YET in force on r0 (not told)",
    )
    assert named(waiting).endswith("r4 (not told); + 2")
    assert named(waiting).said("nb").endswith("r4 (har ikke fått vite det); + 2")

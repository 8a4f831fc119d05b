"""`linjevakt org`: a clerk writes down agreements, sees what they open, and corrects what is known of a member."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.boxes import claim
from tests.unit.cli.conftest import OWNER, SHARER, Shell
from tests.unit.workorders.conftest import Clock

from linjevakt.model.entity import Author, EntityKind
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk

NEW = """\
number: "310000035"
name: Psykolog Lunde
contacts:
  - {name: Mari Lunde, phone: "990 00 303"}
"""
BY = ("--by", "Mari Lunde", "--capacity", "general_manager")
AGREEMENTS = ("terms", "data_processing", "customer")


@pytest.fixture
def newcomer(run: Shell, tmp_path: Path) -> str:
    """An organisation without agreements, that is to share the line of Fjellheim."""
    file = tmp_path / "org.yaml"
    file.write_text(NEW, encoding="utf-8")
    run("org", "add", "--file", file)
    return "310000035"


def test_what_is_missing_is_told_as_sentences_in_either_language(run: Shell, newcomer: str) -> None:
    assert "lacks terms, data_processing, customer" in run("org", "list").stdout
    told = run("org", "gate", newcomer, "--lang", "nb").stdout
    assert told.startswith(
        "Psykolog Lunde (310000035)\n  ingen segmenter ennå\n          Psykolog Lunde har ikke godtatt"
    )
    assert [len(row["missing"]) for row in run.json("org", "gate")] == [0, 0, 3]
    run("org", "set", SHARER, "her_id=", "--reason", "moved")
    assert "open    fjellheim/tannlege" in run("org", "show", SHARER).stdout
    assert [row["member"] for row in run.json("org", "list")] == [
        "yes",
        "yes",
        "lacks terms, data_processing, customer",
    ]


def test_the_last_agreement_opens_the_gate_and_lets_the_order_go_on(run: Shell, newcomer: str, desk: Desk) -> None:
    desk.fleet.boxes.stage("rtr-fjellheim", claim("LV-0011"))
    segment = ["segment.name=psykolog", f"segment.organisation={newcomer}", "segment.port=lan1", "segment.share=10"]
    wishes = [word for value in ("site=fjellheim", *segment, "shares.tannlege=30") for word in ("--set", value)]
    run("order", "new", "share", *wishes)
    waiting = run("order", "advance", 1, "confirmed=2026-11-20", "document=arkiv 2026/99").stdout
    assert "lacking  Psykolog Lunde has not accepted the membership terms." in waiting
    shown = run("order", "show", 1, "--lang", "nb").stdout
    assert "mangler  Psykolog Lunde har ikke godtatt medlemsvilkårene." in shown
    told = run("org", "agree", newcomer, "terms", "data_processing", *BY).stdout
    assert "can go on" not in told
    assert "Order 1 can go on: linjevakt order run 1" in run("org", "agree", newcomer, "customer", *BY).stdout
    assert "Order 1 is done." in run("order", "run", 1).stdout
    assert run.json("org", "gate", newcomer)[0]["gates"][0]["open"] is True


def test_a_gate_that_turns_names_the_routers_to_push(run: Shell, store: Store, desk: Desk) -> None:
    desk.fleet.boxes.stage("rtr-fjellheim", claim("LV-0011"))
    with store.register.edit(Author("kari")) as draft:
        member = next(one for one in draft.inventory.organisations if one.number == SHARER)
        draft.put(member.model_copy(update={"membership": member.membership.model_copy(update={"customer": None})}))
    closed = run("org", "gate", SHARER, "--lang", "nb").stdout
    assert "stengt  fjellheim/tannlege" in closed
    assert "Solbakken apotek har ikke godtatt kundeavtalen." in closed
    told = run.json("org", "agree", SHARER, "customer", *BY, "--on", "2026-11-20", "--who", "Nora")
    assert told["push"] == ["rtr-fjellheim"], "the other one was never staged"
    assert told["organisation"]["membership"]["customer"]["accepted"] == "2026-11-20"
    version = store.register.history(EntityKind.ORGANISATION, SHARER)[0]
    assert version.revision.who.startswith("Nora (recorded by ")
    assert version.revision.why == "Mari Lunde accepted customer"


def test_an_agreement_that_is_recorded_is_corrected_with_a_reason_only(run: Shell, store: Store) -> None:
    run("org", "agree", SHARER, "terms", *BY, "--on", "2026-11-18", "--reason", "first")
    refused = run("org", "agree", SHARER, "terms", "customer", *BY, "--on", "2026-11-20", code=1).stderr
    assert "accepted terms on 2026-11-18 already, by Mari Lunde (general_manager). If that is wrong" in refused
    kept = run.json("org", "show", SHARER)["membership"]
    assert "2026-11-20" not in {kept[name]["accepted"] for name in AGREEMENTS}, "nothing of it is saved"
    run("org", "agree", SHARER, "terms", *BY, "--on", "2026-11-18")
    run("org", "agree", SHARER, "terms", *BY, "--on", "2026-11-20", "--reason", "the letter's date")
    assert run.json("org", "show", SHARER)["membership"]["terms"]["accepted"] == "2026-11-20"
    assert store.register.history(EntityKind.ORGANISATION, SHARER)[0].revision.why == "the letter's date"


def test_an_agreement_is_not_of_the_future_and_only_those_who_may_sign_accept(run: Shell, clock: Clock) -> None:
    day = (clock.now + timedelta(days=1)).date().isoformat()
    assert (
        f"cannot have been accepted on {day}" in run("org", "agree", SHARER, "terms", *BY, "--on", day, code=2).stderr
    )
    assert "is no date" in run("org", "agree", SHARER, "terms", *BY, "--on", "20/11-2026", code=2).stderr
    run("org", "agree", SHARER, "terms", "--by", "Ola", "--capacity", "secretary", code=2)
    assert "by: is empty" in run("org", "agree", SHARER, "terms", "--by", " ", *BY[2:], code=2).stderr


def test_fields_are_set_and_taken_out(run: Shell) -> None:
    values = ["administrator.name=Kari", "administrator.phone=990 00 111", "enterprise_certificate=2029-01-31"]
    run("org", "set", OWNER, *values, "contacts[1].name=Vakt", "contacts[1].phone=990 00 112", "register_note=")
    plain = run.json("org", "show", OWNER)
    assert plain["administrator"] == {"name": "Kari", "phone": "990 00 111"}
    assert [contact["name"] for contact in plain["contacts"]] == ["Daglig leder, Fjellheim legekontor", "Vakt"]
    run("org", "set", OWNER, "administrator=", 'contacts=[{name: Ny, phone: "990 00 113"}]')
    plain = run.json("org", "show", OWNER)
    assert ("administrator" in plain, [contact["name"] for contact in plain["contacts"]]) == (False, ["Ny"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["show", "310000018"], 2, "Did you mean '310000019'?"),
        (["set", OWNER, "her_id=many"], 2, "argument her_id=: her_id: 'many' is no number"),
        (["set", OWNER, "herid=1"], 2, "Did you mean 'her_id'?"),
        (["set", OWNER, "membership.terms.by=me"], 2, "use `linjevakt org agree`"),
        (["set", OWNER, "exclusions=[]"], 2, "order `exclude` or `readmit`"),
        (["set", OWNER, "number=310000027"], 2, "never changes"),
        (["set", OWNER, "contacts[0].phone=none"], 2, "is no phone number"),
        (["set", SHARER, "her_id"], 2, "Write field=value"),
        (["gate", "1"], 2, "There is no organisation '1'"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(
    run: Shell, store: Store, arguments: list[str], code: int, message: str
) -> None:
    before = store.revision()
    assert message in run("org", *arguments, code=code).stderr
    assert store.revision() == before


def test_an_organisation_is_added_once_and_only_with_a_number_that_can_be(
    run: Shell, tmp_path: Path, newcomer: str
) -> None:
    file = tmp_path / "org.yaml"
    assert "is there already" in run("org", "add", "--file", file, code=1).stderr
    file.write_text(NEW.replace(newcomer, "310000036"), encoding="utf-8")
    assert "310000036" in run("org", "add", "--file", file, code=2).stderr
    file.write_text("number: 310000036\n", encoding="utf-8")
    assert f"{file}:1: name: is missing" in run("org", "add", "--file", file, code=2).stderr

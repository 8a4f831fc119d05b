"""Whoever may not order a service is told why, in both languages, on the day of the order."""

from datetime import date, timedelta
from typing import Any

import pytest

from linjevakt import inventory, resources
from linjevakt.model.catalogue import Service, Supplier
from linjevakt.model.inventory import Exclusion, Freeze, Membership, Organisation
from linjevakt.model.phrase import Phrase
from linjevakt.model.services import lacking

FLEET = inventory.load(resources.inventory() / "example")
CATALOGUE = inventory.load_catalogue()
FJELLHEIM = next(site for site in FLEET.sites if site.key == "fjellheim")
OFFICE = FJELLHEIM.segments[0]
MEMBER = next(member for member in FLEET.organisations if member.number == FJELLHEIM.owner)
TODAY = date(2026, 11, 21)


def told(member: Organisation, row: Service, today: date = TODAY) -> tuple[Phrase, ...]:
    return lacking(member, row, FJELLHEIM, OFFICE, today)


def changed(**fields: Any) -> Organisation:
    return MEMBER.model_copy(update=fields)


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_a_member_with_everything_in_place_may_order_anything(key: str) -> None:
    assert told(MEMBER, CATALOGUE[key]) == ()


@pytest.mark.parametrize(
    ("key", "field", "english", "norwegian"),
    [
        ("edi", "her_id", "has no HER id", "har ingen HER-id"),
        ("helsenorge", "record_system", "no approved record system", "ikke oppgitt et godkjent journalsystem"),
        ("helsenorge", "enterprise_certificate", "no enterprise certificate", "ikke oppgitt noe virksomhetssertifikat"),
    ],
)
def test_each_prerequisite_that_is_not_in_place_is_a_sentence(
    key: str, field: str, english: str, norwegian: str
) -> None:
    (found,) = told(changed(**{field: None}), CATALOGUE[key])
    assert english in found.en
    assert norwegian in found.nb
    assert MEMBER.name in found.en


def test_a_certificate_is_valid_through_its_last_day_and_no_longer() -> None:
    member = changed(enterprise_certificate=TODAY)
    assert told(member, CATALOGUE["helsenorge"]) == ()
    (found,) = told(member, CATALOGUE["helsenorge"], TODAY + timedelta(days=1))
    assert found.en == f"The enterprise certificate of {MEMBER.name} expired on 2026-11-21. It must be renewed."
    assert "gikk ut 21.11.2026" in found.nb


def test_who_has_not_accepted_the_customer_agreement_is_no_member_for_a_service_that_requires_one() -> None:
    member = changed(membership=MEMBER.membership.model_copy(update={"customer": None}))
    (found,) = told(member, CATALOGUE["helsenorge"])
    assert "has not accepted the customer agreement" in found.en
    assert told(member, CATALOGUE["registers"]) == ()  # the gate keeps the segment closed, not the service


def test_who_has_no_membership_at_all_is_told_each_agreement_once() -> None:
    found = told(changed(membership=Membership()), CATALOGUE["helsenorge"])
    assert len(found) == len(set(found)) == 3


def test_who_is_frozen_may_not_order_what_requires_a_membership() -> None:
    freeze = Freeze(since=TODAY, register_inactive=TODAY, edi_inactive=TODAY)
    member = changed(membership=MEMBER.membership.model_copy(update={"frozen": freeze}))
    assert "frozen since 2026-11-21" in told(member, CATALOGUE["edi"])[0].en


def test_who_is_excluded_from_a_service_may_not_order_it() -> None:
    member = changed(exclusions=(Exclusion(service="video", since=date(2026, 10, 1), reason="misuse"),))
    assert [found.en for found in told(member, CATALOGUE["video"])] == [
        f"{MEMBER.name} has been excluded from Video consultation since 2026-10-01: misuse."
    ]
    assert told(member, CATALOGUE["registers"]) == ()


def test_a_share_of_the_line_that_is_too_small_is_told_with_both_figures() -> None:
    small = OFFICE.model_copy(update={"share": 1})
    slow = FJELLHEIM.lines[0].model_copy(update={"up_mbit": 150})
    (found,) = lacking(
        MEMBER, CATALOGUE["video"], FJELLHEIM.model_copy(update={"lines": (slow, FJELLHEIM.lines[1])}), small, TODAY
    )
    assert found.en == "Video consultation needs 2 Mbit/s both ways; the segment legekontor is guaranteed 1."
    assert found.nb == "Videokonsultasjon trenger 2 Mbit/s begge veier; segmentet legekontor er sikret 1."


@pytest.mark.parametrize(
    ("supplier", "today", "english"),
    [
        (None, TODAY, "is not approved"),
        (Supplier(name="Nye AS", approved=date(2026, 12, 1)), TODAY, "is not approved"),
        (
            Supplier(name="Gamle AS", approved=date(2020, 1, 1), agreement_until=TODAY),
            TODAY + timedelta(days=1),
            "The agreement with the supplier Gamle AS ended on 2026-11-21.",
        ),
    ],
)
def test_a_third_partys_service_needs_a_supplier_that_is_approved_today(
    supplier: Supplier | None, today: date, english: str
) -> None:
    row = CATALOGUE["third-party"].model_copy(update={"supplier": supplier})
    (found,) = told(MEMBER, row, today)
    assert english in found.en


def test_everything_that_is_lacking_is_told_at_once() -> None:
    row = CATALOGUE["helsenorge"].model_copy(update={"minimum_mbit": 1000})
    assert len(told(changed(record_system=None, enterprise_certificate=None), row)) == 3

"""A segment carries traffic when everything is in place, and what is not in place is said in both languages."""

from datetime import date
from ipaddress import IPv4Network
from typing import Any

import pytest
from tests.unit.render.fleet import CATALOGUE, INVENTORY, SHARED, identity

from linjevakt import intent
from linjevakt.model.dossier import dossier
from linjevakt.model.gate import Gate, gate, gates, open_segments
from linjevakt.model.intent import Intent
from linjevakt.model.inventory import Exclusion, Freeze, Inventory, Membership

OWNER, SHARER = "310000006", "310000014"
DAY = date(2026, 3, 1)
MANAGERS = "The general manager or someone with signature right must."
FROZEN = Freeze(since=DAY, register_inactive=DAY, edi_inactive=DAY)
ACCEPTED = {organisation.number: organisation for organisation in INVENTORY.organisations}[OWNER].membership
OWN_ISP = next(line for line in SHARED.lines if line.kind == "own_isp")
SHARED_DESTINATION = "10.255.0.40/32"


def changed(inventory: Inventory, number: str, **fields: Any) -> Inventory:
    """With other fields of an organisation."""
    organisations = tuple(
        organisation.model_copy(update=fields) if organisation.number == number else organisation
        for organisation in inventory.organisations
    )
    return inventory.model_copy(update={"organisations": organisations})


def membership(**fields: Any) -> dict[str, Membership]:
    return {"membership": ACCEPTED.model_copy(update=fields)}


def connected(**fields: Any) -> Inventory:
    """With other fields of the shared connection."""
    return INVENTORY.model_copy(update={"sites": (SHARED.model_copy(update=fields), *INVENTORY.sites[1:])})


def missing(inventory: Inventory, segment: str) -> list[tuple[str, str]]:
    """What the segment's gate lacks, in Norwegian and English."""
    (found,) = [gate for gate in gates(inventory) if gate.segment == segment]
    return [(phrase.said("nb"), phrase.said("en")) for phrase in found.missing]


def closed(inventory: Inventory) -> list[str]:
    return [gate.segment for gate in gates(inventory) if not gate.open]


def with_line(**fields: Any) -> Inventory:
    lines = tuple(line.model_copy(update=fields) if line == OWN_ISP else line for line in SHARED.lines)
    return connected(lines=lines)


def test_a_fleet_with_everything_in_place_is_open() -> None:
    assert [(found.site, found.segment, found.organisation) for found in gates(INVENTORY)] == [
        ("fjellheim", "legekontor", OWNER),
        ("fjellheim", "fysioterapi", SHARER),
        ("lavvo", "kontor", "310000022"),
    ]
    assert closed(INVENTORY) == []


@pytest.mark.parametrize(
    ("agreement", "nb", "en"),
    [
        ("terms", "medlemsvilkårene", "the membership terms"),
        ("data_processing", "databehandleravtalen", "the data-processing agreement"),
        ("customer", "kundeavtalen", "the customer agreement"),
    ],
)
def test_each_missing_agreement_is_named_with_who_may_accept_it(agreement: str, nb: str, en: str) -> None:
    assert missing(changed(INVENTORY, SHARER, **membership(**{agreement: None})), "fysioterapi") == [
        (
            f"Org {SHARER} har ikke godtatt {nb}. Daglig leder eller en med signaturrett må gjøre det.",
            f"Org {SHARER} has not accepted {en}. {MANAGERS}",
        )
    ]


def test_a_membership_that_ended_says_when() -> None:
    assert missing(changed(INVENTORY, SHARER, **membership(ended=DAY)), "fysioterapi") == [
        (
            f"Medlemskapet til Org {SHARER} ble avsluttet 01.03.2026.",
            f"The membership of Org {SHARER} ended on 2026-03-01.",
        )
    ]


def test_a_freeze_says_since_when_and_how_to_end_it() -> None:
    assert missing(changed(INVENTORY, SHARER, **membership(frozen=FROZEN)), "fysioterapi") == [
        (
            f"Org {SHARER} har vært fryst siden 01.03.2026. Gjenåpning må bestilles.",
            f"Org {SHARER} has been frozen since 2026-03-01. Reopening must be ordered.",
        )
    ]


def test_an_exclusion_from_everything_says_why() -> None:
    exclusions = (Exclusion(since=DAY, reason="skadevare"),)
    assert missing(changed(INVENTORY, SHARER, exclusions=exclusions), "fysioterapi") == [
        (
            f"Org {SHARER} har vært utestengt siden 01.03.2026: skadevare.",
            f"Org {SHARER} has been excluded since 2026-03-01: skadevare.",
        )
    ]


def test_a_connection_that_ended_says_when() -> None:
    assert missing(connected(ended=DAY), "fysioterapi") == [
        (
            "Tilknytningen fjellheim ble sagt opp og avsluttet 01.03.2026.",
            "The connection fjellheim was terminated and ended on 2026-03-01.",
        )
    ]


def test_a_line_that_is_no_business_subscription_says_who_must_order_one() -> None:
    assert missing(with_line(business=False), "fysioterapi") == [
        (
            "Linjen wan0 fra Fjordfiber er ikke et bedriftsabonnement. Det må eieren bestille.",
            "The line wan0 of Fjordfiber is not a business subscription. The owner must order one.",
        )
    ]


def test_sharing_that_was_not_confirmed_names_both() -> None:
    assert missing(connected(sharing=()), "fysioterapi") == [
        (
            f"Org {OWNER}, som eier linjen, har ikke bekreftet skriftlig at Org {SHARER} deler den.",
            f"Org {OWNER}, who owns the line, has not confirmed in writing that Org {SHARER} shares it.",
        )
    ]


def test_only_an_own_providers_line_must_be_a_business_subscription() -> None:
    assert not any(line.business for line in SHARED.lines if line.kind == "mobile")
    assert closed(with_line(business=False, kind="nhn_delivered")) == []


@pytest.mark.parametrize(
    ("organisation", "segment"), [(OWNER, "legekontor"), (SHARER, "fysioterapi")], ids=["the owner", "the sharer"]
)
@pytest.mark.parametrize(
    "fields",
    [membership(frozen=FROZEN), {"exclusions": (Exclusion(since=DAY, reason="skadevare"),)}],
    ids=["frozen", "excluded"],
)
def test_one_members_freeze_or_exclusion_closes_only_its_own_segment(
    fields: dict[str, Any], organisation: str, segment: str
) -> None:
    assert closed(changed(INVENTORY, organisation, **fields)) == [segment]


@pytest.mark.parametrize("fields", [membership(customer=None), membership(ended=DAY)], ids=["agreement", "ended"])
def test_what_a_sharer_lacks_to_be_a_member_closes_only_its_own_segment(fields: dict[str, Any]) -> None:
    assert closed(changed(INVENTORY, SHARER, **fields)) == ["fysioterapi"]


@pytest.mark.parametrize(
    "inventory",
    [
        changed(INVENTORY, OWNER, **membership(terms=None)),
        changed(INVENTORY, OWNER, **membership(ended=DAY)),
        connected(ended=DAY),
        with_line(business=False),
    ],
    ids=["owner's agreement", "owner's membership", "connection ended", "line not business"],
)
def test_what_concerns_the_connection_closes_all_its_segments_and_no_other(inventory: Inventory) -> None:
    assert closed(inventory) == ["legekontor", "fysioterapi"]


def test_an_exclusion_from_one_service_leaves_the_gate_open() -> None:
    exclusions = (Exclusion(service="portal", since=DAY, reason="sertifikat"),)
    assert closed(changed(INVENTORY, OWNER, exclusions=exclusions)) == []


def test_sentences_go_from_the_connection_to_the_member_to_the_sharing_each_once() -> None:
    inventory = connected(sharing=(), ended=DAY)
    inventory = changed(inventory, OWNER, **membership(data_processing=None))
    exclusions = (Exclusion(since=DAY, reason="skadevare"),)
    inventory = changed(inventory, SHARER, **membership(terms=None, frozen=FROZEN), exclusions=exclusions)
    english = {segment: [en for _, en in missing(inventory, segment)] for segment in ("legekontor", "fysioterapi")}
    whole = [
        f"Org {OWNER} has not accepted the data-processing agreement. {MANAGERS}",
        "The connection fjellheim was terminated and ended on 2026-03-01.",
    ]
    assert english["legekontor"] == whole
    assert english["fysioterapi"] == [
        *whole,
        f"Org {SHARER} has not accepted the membership terms. {MANAGERS}",
        f"Org {SHARER} has been frozen since 2026-03-01. Reopening must be ordered.",
        f"Org {SHARER} has been excluded since 2026-03-01: skadevare.",
        f"Org {OWNER}, who owns the line, has not confirmed in writing that Org {SHARER} shares it.",
    ]


def test_the_open_segments_are_those_whose_gate_is_open() -> None:
    inventory = changed(INVENTORY, OWNER, **membership(frozen=FROZEN))
    known = {organisation.number: organisation for organisation in inventory.organisations}
    site = inventory.sites[0]
    assert [segment.name for segment in open_segments(site, known)] == ["fysioterapi"]
    assert gate(site, site.segments[1], known) == Gate("fjellheim", "fysioterapi", SHARER, ())


# --- what a gate does to the router's intent -----------------------------------------------------------------------


def built(inventory: Inventory) -> Intent:
    archive = CATALOGUE["portal"].model_copy(update={"key": "archive", "pac": (), "probe": None})
    return intent.build(dossier(inventory, "rtr-fjellheim"), CATALOGUE | {"archive": archive}, identity())


def excluded(service: str, segment_services: tuple[str, ...]) -> Inventory:
    """The owner, whose segment has ordered these, excluded from one."""
    segment = SHARED.segments[0].model_copy(update={"services": segment_services})
    inventory = connected(segments=(segment, *SHARED.segments[1:]))
    return changed(inventory, OWNER, exclusions=(Exclusion(service=service, since=DAY, reason="sertifikat"),))


def blocks(built: Intent) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(block.service, str(block.to), block.ports) for block in built.segments[0].blocks]


def test_a_closed_segment_has_no_interface_no_probe_and_no_place_in_tunnel_or_certificate() -> None:
    inventory = changed(INVENTORY, SHARER, **membership(frozen=FROZEN))
    router = built(inventory)
    assert [segment.name for segment in router.segments] == ["legekontor"]
    assert {probe.segment for probe in router.probes} == {"legekontor"}
    open_ones = (IPv4Network("10.250.0.11/32"), IPv4Network("10.64.1.0/24"))
    assert router.tunnel.local_networks == intent.prefixes(dossier(inventory, "rtr-fjellheim")) == open_ones


def test_a_router_whose_gates_are_all_closed_can_still_be_managed() -> None:
    inventory = connected(ended=DAY)
    router = built(inventory)
    assert (router.segments, router.pac, router.probes) == ((), None, ())
    assert router.tunnel.local_networks == intent.prefixes(dossier(inventory, "rtr-fjellheim"))
    assert intent.prefixes(dossier(inventory, "rtr-fjellheim")) == (IPv4Network("10.250.0.11/32"),)


def test_a_service_that_the_member_is_excluded_from_is_taken_out_and_blocked() -> None:
    router = built(excluded("portal", ("internet", "dns", "ntp", "portal")))
    assert {flow.service for flow in router.segments[0].flows} == {"internet", "dns", "ntp"}
    assert blocks(router) == [("excluded from portal", SHARED_DESTINATION, (80, 443))]
    assert "portal" not in {probe.service for probe in router.probes if probe.segment == "legekontor"}
    assert router.segments[0].rules[0].verdict == "drop"


def test_a_service_that_was_never_ordered_is_blocked_as_well() -> None:
    assert blocks(built(excluded("portal", ("dns",)))) == [("excluded from portal", SHARED_DESTINATION, (80, 443))]


def test_a_destination_that_another_service_needs_stays_open() -> None:
    router = built(excluded("portal", ("dns", "portal", "archive")))
    assert blocks(router) == []
    assert ("archive", SHARED_DESTINATION) in {(f.service, str(f.to)) for f in router.segments[0].flows}


def test_other_members_of_the_line_keep_the_service() -> None:
    both = tuple(segment.model_copy(update={"services": ("dns", "portal")}) for segment in SHARED.segments)
    inventory = changed(
        connected(segments=both), OWNER, exclusions=(Exclusion(service="portal", since=DAY, reason="sertifikat"),)
    )
    services = [{flow.service for flow in segment.flows} for segment in built(inventory).segments]
    assert services == [{"dns"}, {"dns", "portal"}]

"""The life of a connection, told once: the tests have it done by commands and by API, on routers that really move."""

import json
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from tests.lab.life import MOBILE, SUBSCRIPTION, SURVEY, Office, RefusedError, fetches, own_isp, place, proxied
from tests.lab.measure import eventually
from tests.lab.test_sharing_undisturbed import undisturbed

BJERKA, GRANLI, NYGATA, VOLD = "352601810", "266131860", "309139097", "246281947"
ANSWERED_WITHIN_S = 20.0


def steps(order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """An order's steps, by their keys."""
    return {step["key"]: step for step in order["steps"]}


def said(order: dict[str, Any], step: str) -> dict[str, str]:
    """What was answered at a step, or found by it."""
    values: dict[str, str] = steps(order)[step]["evidence"]["values"]
    return values


def today() -> str:
    """The day, as the forms ask for it."""
    return date.today().isoformat()  # noqa: DTZ011 - the lab's controller is in this time zone


class Life:
    """One story after another, each in the state that the one before left; a subclass's file has the `office`."""

    def test_a_new_site_is_refused_at_each_gate_and_then_proven(self, office: Office) -> None:
        wish = {
            "owner": VOLD,
            "site": {"key": "nygata", "name": "Psykolog Vold", **place("Nygata 4")},
            "lines": [own_isp(), MOBILE],
            "segments": [
                {
                    "name": "psykolog",
                    "organisation": VOLD,
                    "port": "lan0",
                    "share": 60,
                    "services": ["internet", "dns"],
                },
                {"name": "fysio", "organisation": NYGATA, "port": "lan1", "share": 40},
            ],
        }
        with pytest.raises(RefusedError, match="300000000 is unknown"):
            office.order("new_site", wish | {"owner": "300000000"})
        number = office.order("new_site", wish)
        with pytest.raises(RefusedError, match="is open"):
            office.order("new_site", wish)

        with pytest.raises(RefusedError, match="business"):
            office.advance(number, business="no", document="x")
        office.advance(number, **SUBSCRIPTION)
        with pytest.raises(RefusedError, match="confirmed"):
            office.advance(number, document="brev")
        office.advance(number, confirmed="2026-11-20", document="Delingserklæring 2026-31")
        with pytest.raises(RefusedError, match="locked"):
            office.advance(number, locked="no")
        waiting = office.advance(number, **SURVEY)
        assert steps(waiting)["gate"]["state"] == "next"
        (lacking,) = steps(waiting)["gate"]["lacking"]
        assert "data-processing agreement" in lacking["en"]
        assert "databehandleravtalen" in lacking["nb"]
        with pytest.raises(RefusedError, match="has not accepted the data-processing agreement"):
            office.advance(number)

        office.agree(VOLD, "data_processing", by="Ane Vold")
        assert eventually(lambda: office.run(number)["step"] == "stage", ANSWERED_WITHIN_S)
        serial = office.stage(number, "rtr-nygata")
        office.advance(number, tracking="370438101234567890")
        done = office.plug_in(number, office.move("rtr-nygata", "nygata"))
        assert (done["state"], said(done, "stage")["serial"]) == ("done", serial)

        for pc in ("pc-rtr-nygata-lan0", "pc-rtr-nygata-lan1"):
            assert eventually(partial(proxied, office.lab, pc), ANSWERED_WITHIN_S)
        (box,) = [one for one in office.boxes("installed") if one["serial"] == serial]
        assert box["router"] == "rtr-nygata"

    def test_an_office_moves_from_a_fixed_address_to_behind_a_nat(self, office: Office) -> None:
        before = office.site("bjerka")
        wish = {"site": "bjerka", "place": place("Sørlandsveien 1"), "lines": [own_isp()]}
        number = office.order("relocation", wish)
        office.advance(number, **SUBSCRIPTION)
        prepared = office.advance(number, **SURVEY)
        assert prepared["step"] == "unplug"
        office.advance(number)
        moved = office.plug_in(number, office.move("rtr-bjerka", "tinghuset"))
        assert moved.get("trouble") is None, moved.get("trouble")
        assert said(moved, "home")["wan0"].startswith("dhcp 192.168.1.")
        assert office.advance(number, address_register="changed")["state"] == "done"
        after = office.site("bjerka")
        assert after["site"]["street"] == "Sørlandsveien 1"
        assert after["router"] == before["router"]
        assert after["lines"][0]["addressing"] == {"method": "dhcp"}
        assert eventually(lambda: fetches(office.lab, "pc-rtr-bjerka-lan0"), ANSWERED_WITHIN_S)

    def test_a_line_that_is_dead_at_the_new_place_names_its_provider_and_what_works_is_kept(
        self, office: Office
    ) -> None:
        number = office.order("relocation", {"site": "bjerka", "place": place("Strandgata 2"), "lines": [own_isp()]})
        office.advance(number, **SUBSCRIPTION)
        office.advance(number, **SURVEY)
        office.advance(number)
        stayed = office.plug_in(number)
        assert stayed["step"] == "home", "it never left, whatever the order was told of its plug"
        assert "has not been away since" in stayed["trouble"]["message"]["en"]
        pulled = datetime.now(UTC)
        office.lab.unplug("rtr-bjerka", "wan0")  # at the new place nothing comes out of the wall
        assert eventually(lambda: office.run(number)["step"] == "push", 30)
        print(f"away is seen {(datetime.now(UTC) - pulled).total_seconds():.1f} s after the cable was pulled")
        stuck = office.show(number)
        assert stuck["step"] == "push"
        assert ("line", "Ranafiber 990 00 930") in [(leg["name"], leg["call"]) for leg in stuck["trouble"]["legs"]]
        assert fetches(office.lab, "pc-rtr-bjerka-lan0"), "by mobile"
        office.lab.move("rtr-bjerka", "wan0", "tinghuset")
        assert eventually(lambda: office.run(number)["step"] == "register", 30)
        assert office.advance(number, address_register="not_needed")["state"] == "done"

    def test_a_line_of_the_network_becomes_one_of_an_own_provider_with_a_fixed_address(self, office: Office) -> None:
        fixed = {"method": "static", "address": "198.51.100.10/30", "gateway": "198.51.100.9"}
        wish = {"site": "granli", "place": place("Kaia 7"), "lines": [own_isp(alternatives=[fixed])]}
        number = office.order("relocation", wish)
        assert "3000" in " ".join(note["nb"] for note in office.show(number)["notes"])
        office.advance(number, document="Flytteskjema 2026-8", price="yes")
        office.advance(number, **SUBSCRIPTION)
        office.advance(number, **SURVEY)
        office.advance(number)
        moved = office.plug_in(number, office.move("rtr-granli", "kaia"))
        assert moved.get("trouble") is None, moved.get("trouble")
        assert (moved["step"], said(moved, "home")["wan0"]) == ("give_back", "static 198.51.100.10")
        office.advance(number)
        assert office.advance(number, address_register="changed")["state"] == "done"
        (wan0, _) = office.site("granli")["lines"]
        assert (wan0["kind"], wan0["addressing"]["address"]) == ("own_isp", "198.51.100.10/30")
        assert eventually(lambda: fetches(office.lab, "pc-rtr-granli-lan0"), ANSWERED_WITHIN_S)

    def test_an_organisation_joins_and_leaves_a_line_while_its_neighbour_downloads(self, office: Office) -> None:
        lab, neighbour, sharer = office.lab, "pc-rtr-bjerka-lan0", "pc-rtr-bjerka-lan1"
        segment = {"name": "fysio", "organisation": NYGATA, "port": "lan1", "share": 30}
        with pytest.raises(RefusedError, match="rtr-bjerka has no port lan9"):
            office.order("share", {"site": "bjerka", "segment": segment | {"port": "lan9"}})
        number = office.order("share", {"site": "bjerka", "segment": segment, "shares": {"legekontor": 70}})
        assert not proxied(lab, sharer)
        with undisturbed(lab, "rtr-bjerka", neighbour, "an organisation joins"):
            assert office.advance(number, confirmed="2026-11-20", document="Delingserklæring 7")["state"] == "done"
        assert eventually(lambda: proxied(lab, sharer), ANSWERED_WITHIN_S)
        reach = json.dumps(office.impact("rtr-bjerka"), ensure_ascii=False)
        assert "Nygata fysioterapi AS" in reach
        assert "+47 990 00 503" in reach

        number = office.order("unshare", {"site": "bjerka", "segment": "fysio", "shares": {"legekontor": 100}})
        with undisturbed(lab, "rtr-bjerka", neighbour, "an organisation leaves"):
            assert office.advance(number, told=today())["state"] == "done"
        assert not proxied(lab, sharer)

    def test_a_practice_is_frozen_and_reopened(self, office: Office) -> None:
        pc, days = "pc-rtr-bjerka-lan0", dict.fromkeys(("since", "register_inactive", "edi_inactive"), today())
        frozen = office.order("freeze", {"organisation": BJERKA, **days})
        assert office.run(frozen)["state"] == "done"
        assert not proxied(office.lab, pc)
        opened = office.order("reopen", {"organisation": BJERKA})
        assert office.run(opened)["state"] == "done"
        assert eventually(lambda: proxied(office.lab, pc), ANSWERED_WITHIN_S)
        assert [entry["order"] for entry in office.history("organisation", BJERKA)[:2]] == [opened, frozen]

    def test_a_terminated_connection_ends_when_its_router_is_back_and_its_addresses_are_free(
        self, office: Office
    ) -> None:
        prefix = office.site("granli")["segments"][0]["prefix"]
        number = office.order("terminate", {"site": "granli", "notice": "2026-09-10", "document": "Oppsigelse 12"})
        assert office.run(number)["step"] == "returned"
        assert not fetches(office.lab, "pc-rtr-granli-lan0")
        (owed,) = office.boxes("to_be_returned")
        with pytest.raises(RefusedError, match="is to be returned"):
            office.advance(number, serial="XYZ", condition="good")
        assert office.advance(number, serial=owed["serial"], condition="good")["state"] == "done"
        with pytest.raises(RefusedError, match="granli"):
            office.site("granli")
        (lease, *_) = office.who_had(prefix.split("/")[0])
        assert lease["site"] == "granli"
        assert lease["until"]
        wish = {
            "owner": NYGATA,
            "site": {"key": "igjen", "name": "Igjen", **place("Granlivegen 2")},
            "lines": [own_isp(), MOBILE],
            "segments": [{"name": "kontor", "organisation": NYGATA, "port": "lan0", "prefix": prefix}],
        }
        with pytest.raises(RefusedError, match="quarantine"):
            office.order("new_site", wish)

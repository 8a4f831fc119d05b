"""The life of a connection, by the commands and the API that people use, on routers that are really moved."""

import json
import os
import urllib.request
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from tests.lab.life import MOBILE, SUBSCRIPTION, SURVEY, Office, fetches, own_isp, place, proxied
from tests.lab.measure import eventually
from tests.lab.test_sharing_undisturbed import undisturbed

from linjevakt_lab import provision
from linjevakt_lab.scenario import Scenario

PREFIX = f"lvlife{os.environ.get('PYTEST_XDIST_WORKER', '')}"
BJERKA, GRANLI, NYGATA, VOLD = "352601810", "266131860", "309139097", "246281947"
ANSWERED_WITHIN_S = 20.0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The scenario `life`, both its sites in service."""
    with provision.raised(Scenario.named("life"), print, prefix=PREFIX) as controller:
        yield Office(controller, tmp_path_factory.mktemp("orders"))


def steps(order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["key"]: step for step in order["steps"]}


def said(order: dict[str, Any], step: str) -> dict[str, str]:
    values: dict[str, str] = steps(order)[step]["evidence"]["values"]
    return values


def site(office: Office, key: str) -> dict[str, Any]:
    shown: dict[str, Any] = office.controller.json("site", "show", key)
    return shown


def test_a_new_site_is_refused_at_each_gate_and_then_proven(office: Office) -> None:
    wish = {
        "owner": VOLD,
        "site": {"key": "nygata", "name": "Psykolog Vold", **place("Nygata 4")},
        "lines": [own_isp(), MOBILE],
        "segments": [
            {"name": "psykolog", "organisation": VOLD, "port": "lan0", "share": 60, "services": ["internet", "dns"]},
            {"name": "fysio", "organisation": NYGATA, "port": "lan1", "share": 40},
        ],
    }
    wrong = wish | {"owner": "300000000"}
    assert "300000000 is unknown" in office.refused("order", "new", "new_site", "--file", office.paper("x", wrong))
    number = office.order("new_site", wish)
    assert "is open" in office.refused("order", "new", "new_site", "--file", office.paper("x", wish))

    assert "business" in office.refused("order", "advance", f"{number}", "business=no", "document=x")
    office.advance(number, **SUBSCRIPTION)
    assert "confirmed" in office.refused("order", "advance", f"{number}", "document=brev")
    office.advance(number, confirmed="2026-11-20", document="Delingserklæring 2026-31")
    assert "locked" in office.refused("order", "advance", f"{number}", "locked=no")
    waiting = office.advance(number, **SURVEY)
    assert steps(waiting)["gate"]["state"] == "next"
    (lacking,) = steps(waiting)["gate"]["lacking"]
    assert "data-processing agreement" in lacking["en"]
    assert "databehandleravtalen" in lacking["nb"]
    assert "has not accepted the data-processing agreement" in office.refused("order", "advance", f"{number}")

    office.controller.run("org", "agree", VOLD, "data_processing", "--by", "Ane Vold", "--capacity", "general_manager")
    assert office.run(number)["step"] == "stage"
    serial = office.stage(number, "rtr-nygata")
    office.advance(number, tracking="370438101234567890")
    plugged = office.move("rtr-nygata", "nygata")
    done = office.plugged_in(number, plugged)
    assert (done["state"], said(done, "stage")["serial"]) == ("done", serial)

    for pc in ("pc-rtr-nygata-lan0", "pc-rtr-nygata-lan1"):
        assert eventually(lambda pc=pc: proxied(office.lab, pc), ANSWERED_WITHIN_S)  # type: ignore[misc]
    (box,) = [one for one in office.controller.json("stock", "list") if one["serial"] == serial]
    assert (box["state"], box["router"]) == ("installed", "rtr-nygata")


def test_an_office_moves_from_a_fixed_address_to_behind_a_nat(office: Office) -> None:
    before = site(office, "bjerka")
    number = office.order("relocation", {"site": "bjerka", "place": place("Sørlandsveien 1"), "lines": [own_isp()]})
    office.advance(number, **SUBSCRIPTION)
    prepared = office.advance(number, **SURVEY)
    assert prepared["step"] == "unplug"
    office.advance(number)
    plugged = office.move("rtr-bjerka", "tinghuset")
    moved = office.plugged_in(number, plugged)
    assert moved.get("trouble") is None, moved.get("trouble")
    assert said(moved, "home")["wan0"].startswith("dhcp 192.168.1.")
    assert office.advance(number, address_register="changed")["state"] == "done"
    after = site(office, "bjerka")
    assert after["site"]["street"] == "Sørlandsveien 1"
    assert after["router"] == before["router"]
    assert after["lines"][0]["addressing"] == {"method": "dhcp"}
    assert eventually(lambda: fetches(office.lab, "pc-rtr-bjerka-lan0"), ANSWERED_WITHIN_S)


def test_a_line_that_does_not_work_at_the_new_place_names_its_provider_and_what_works_is_kept(office: Office) -> None:
    number = office.order("relocation", {"site": "bjerka", "place": place("Strandgata 2"), "lines": [own_isp()]})
    office.advance(number, **SUBSCRIPTION)
    office.advance(number, **SURVEY)
    office.advance(number)
    office.lab.unplug("rtr-bjerka", "wan0")  # at the new place nothing comes out of the wall
    assert office.controller.run("order", "advance", f"{number}", check=False).returncode == 1
    stuck = office.show(number)
    assert stuck["step"] == "push"
    assert ("line", "Ranafiber 990 00 930") in [(leg["name"], leg["call"]) for leg in stuck["trouble"]["legs"]]
    assert fetches(office.lab, "pc-rtr-bjerka-lan0"), "by mobile"
    office.lab.move("rtr-bjerka", "wan0", "tinghuset")
    assert eventually(lambda: office.run(number)["step"] == "register", 30)
    assert office.advance(number, address_register="not_needed")["state"] == "done"


def test_a_line_of_the_network_becomes_one_of_an_own_provider_with_a_fixed_address(office: Office) -> None:
    fixed = {"method": "static", "address": "198.51.100.10/30", "gateway": "198.51.100.9"}
    wish = {"site": "granli", "place": place("Kaia 7"), "lines": [own_isp(alternatives=[fixed])]}
    number = office.order("relocation", wish)
    notes = " ".join(note["nb"] for note in office.show(number)["notes"])
    assert "3000" in notes
    office.advance(number, document="Flytteskjema 2026-8", price="yes")
    office.advance(number, **SUBSCRIPTION)
    office.advance(number, **SURVEY)
    office.advance(number)
    plugged = office.move("rtr-granli", "kaia")
    moved = office.plugged_in(number, plugged)
    assert moved.get("trouble") is None, moved.get("trouble")
    assert (moved["step"], said(moved, "home")["wan0"]) == ("give_back", "static 198.51.100.10")
    office.advance(number)
    assert office.advance(number, address_register="changed")["state"] == "done"
    (wan0, _) = site(office, "granli")["lines"]
    assert (wan0["kind"], wan0["addressing"]["address"]) == ("own_isp", "198.51.100.10/30")
    assert eventually(lambda: fetches(office.lab, "pc-rtr-granli-lan0"), ANSWERED_WITHIN_S)


def test_an_organisation_joins_and_leaves_a_line_while_its_neighbour_downloads(office: Office) -> None:
    lab, neighbour, sharer = office.lab, "pc-rtr-bjerka-lan0", "pc-rtr-bjerka-lan1"
    segment = {"name": "fysio", "organisation": NYGATA, "port": "lan1", "share": 30}
    number = office.order("share", {"site": "bjerka", "segment": segment, "shares": {"legekontor": 70}})
    assert not proxied(lab, sharer)
    with undisturbed(lab, "rtr-bjerka", neighbour, "an organisation joins"):
        assert office.advance(number, confirmed="2026-11-20", document="Delingserklæring 7")["state"] == "done"
    assert eventually(lambda: proxied(lab, sharer), ANSWERED_WITHIN_S)
    reach = json.dumps(office.controller.json("impact", "router", "rtr-bjerka"), ensure_ascii=False)
    assert "Nygata fysioterapi AS" in reach
    assert "+47 990 00 503" in reach

    number = office.order("unshare", {"site": "bjerka", "segment": "fysio", "shares": {"legekontor": 100}})
    with undisturbed(lab, "rtr-bjerka", neighbour, "an organisation leaves"):
        assert office.advance(number, told=date.today().isoformat())["state"] == "done"  # noqa: DTZ011
    assert not proxied(lab, sharer)


def test_a_practice_is_frozen_and_reopened_through_the_api(office: Office) -> None:
    today = date.today().isoformat()  # noqa: DTZ011
    pc = "pc-rtr-bjerka-lan0"
    with provision.served(office.controller) as address:
        wish = {"organisation": BJERKA, "since": today, "register_inactive": today, "edi_inactive": today}
        frozen = post(f"{address}/api/v1/orders", {"kind": "freeze", "wish": wish, "who": "kari", "reason": "ferie"})[
            "order"
        ]
        assert eventually(lambda: state(address, frozen["number"]) == "done", 40)
        assert not proxied(office.lab, pc)
        again = {"kind": "reopen", "wish": {"organisation": BJERKA}, "who": "kari", "reason": "tilbake"}
        opened = post(f"{address}/api/v1/orders", again)["order"]
        assert eventually(lambda: state(address, opened["number"]) == "done", 40)
    assert eventually(lambda: proxied(office.lab, pc), ANSWERED_WITHIN_S)
    history = office.controller.json("history", "organisation", BJERKA)
    assert [entry["order"] for entry in history[:2]] == [opened["number"], frozen["number"]]


def test_a_terminated_connection_ends_when_its_router_is_back_and_its_addresses_are_free(office: Office) -> None:
    before = site(office, "granli")
    prefix = before["segments"][0]["prefix"]
    number = office.order("terminate", {"site": "granli", "notice": "2026-09-10", "document": "Oppsigelse 12"})
    closed = office.run(number)
    assert closed["step"] == "returned"
    assert not fetches(office.lab, "pc-rtr-granli-lan0")
    (owed,) = office.controller.json("stock", "list", "--state", "to_be_returned")
    assert "is to be returned" in office.refused("order", "advance", f"{number}", "serial=XYZ", "condition=good")
    assert office.advance(number, serial=owed["serial"], condition="good")["state"] == "done"
    assert "granli" in office.refused("site", "show", "granli")
    (lease, *_) = office.controller.json("address", "who", prefix)
    assert lease["site"] == "granli"
    assert lease["until"]
    wish = {
        "owner": NYGATA,
        "site": {"key": "igjen", "name": "Igjen", **place("Granlivegen 2")},
        "lines": [own_isp(), MOBILE],
        "segments": [{"name": "kontor", "organisation": NYGATA, "port": "lan0", "prefix": prefix}],
    }
    assert "quarantine" in office.refused("order", "new", "new_site", "--file", office.paper("x", wish))


def post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a POST of JSON."""
    request = urllib.request.Request(  # noqa: S310 - loopback
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        answered: dict[str, Any] = json.load(answer)
    return answered


def state(address: str, number: int) -> str:
    """An order's state, by the API."""
    with urllib.request.urlopen(f"{address}/api/v1/orders/{number}", timeout=20) as answer:  # noqa: S310
        return str(json.load(answer)["order"]["state"])

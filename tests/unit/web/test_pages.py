"""The fleet page shows what matters, in the reader's language, and loads nothing from elsewhere."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests import prepared
from tests.registers import save_inventory
from tests.unit.web.conftest import NOON, client_at, fleet_of, opened

from linjevakt.inventory import generate
from linjevakt.model.health import Health, LineHealth, ProbeHealth
from linjevakt.provisioning.fleet import Fleet
from linjevakt.web import language


class Table(HTMLParser):
    """Rows of cells of the page's only table, and the tags it saw."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data}".strip()


def _get(client: TestClient, accept: str = "", **query: str) -> str:
    text: str = client.get("/", params=query, headers={"Accept-Language": accept}).text
    return text


def test_each_router_has_a_row_with_what_matters(client: TestClient) -> None:
    header, solbakken, hub, fjellheim = Table(_get(client, lang="en")).rows
    assert header[:4] == ["Router", "Site", "State", "Line in use"]
    assert hub[:3] == ["hub-oslo", "Hub", "not staged"]
    assert fjellheim[:5] == [
        "rtr-fjellheim",
        "Fjellheim legekontor Fjellheim legekontor",
        "ok",
        "wan0 (own ISP)",
        "up",
    ]
    assert fjellheim[5:7] == ["confirmed 01 Jul 2026 14:00", "1 of 1 ok"]
    told = "the router itself tells why: linjevakt-agent status"
    assert solbakken[2] == f"down down since 01 Jul 2026 14:00 no answer <b>to SNMP</b> {told}"
    assert solbakken[4:7] == ["unknown", "reverted 01 Jul 2026 14:00", "0 of 1 ok dns: no answer"]


def test_the_worst_stand_first(client: TestClient) -> None:
    _, *rows = Table(_get(client, lang="en")).rows
    assert [row[0] for row in rows] == ["rtr-solbakken", "hub-oslo", "rtr-fjellheim"]


def test_a_degraded_router_says_what_is_wrong(writer: TestClient, populated: Fleet) -> None:
    mobile = LineHealth("wan1", "mobile", "down", in_use=False, rtt_ms=None, changes=1, address="")
    dns = ProbeHealth("dns", "legekontor", "failed", NOON, 3000.0, "no answer within 3 s")
    (well,) = [health for health in populated.store.healths.current() if health.router == "rtr-fjellheim"]
    populated.store.healths.save(replace(well, lines=(*well.lines, mobile), probes=(dns,), config_state="pending"))
    (row,) = [row for row in Table(_get(writer, lang="nb")).rows if row[0] == "rtr-fjellheim"]
    assert row[2] == "svekket wan1 (mobil): nede dns, legekontor: no answer within 3 s en endring venter på bekreftelse"


def test_a_router_that_was_changed_by_hand_says_what_differs(writer: TestClient, populated: Fleet) -> None:
    (well,) = [health for health in populated.store.healths.current() if health.router == "rtr-fjellheim"]
    populated.store.healths.save(replace(well, drift="nftables.conf: -accept"))
    (row,) = [row for row in Table(_get(writer, lang="nb")).rows if row[0] == "rtr-fjellheim"]
    assert row[2] == "svekket endret for hånd på ruteren: nftables.conf: -accept"


def test_a_state_that_nobody_has_asked_about_for_long_is_called_outdated(populated: Fleet) -> None:
    rows = Table(_get(client_at(populated, NOON + timedelta(minutes=6)), lang="en")).rows
    assert [("outdated" in row[8]) for row in rows[1:]] == [True, False, True]


def test_what_a_router_says_is_never_markup(client: TestClient) -> None:
    assert "<b>" not in _get(client)


def test_times_are_norwegian_and_marked_up(client: TestClient) -> None:
    html = _get(client, lang="nb")
    assert '<time datetime="2026-07-01T12:00:00+00:00">01.07.2026 kl. 14:00</time>' in html


@pytest.mark.parametrize(
    ("accept", "query", "lang"),
    [
        ("", {}, "nb"),
        ("nb-NO,nb;q=0.9,en;q=0.8", {}, "nb"),
        ("en-GB,en;q=0.9", {}, "en"),
        ("de,en;q=0.5,nb;q=0.7", {}, "nb"),
        ("nn", {}, "nb"),
        ("fr", {}, "nb"),
        ("en;q=nonsense, nb;q=0.1", {}, "nb"),
        ("en;q=.1, de;q=nan, nb;q=.9, en;Q=0.2", {}, "en"),
        ("nb;q=0.3, en;q=inf", {}, "nb"),
        ("nb;q=nan, en;q=0.1, de;q=nan, no;q=0.9", {}, "nb"),
        ("nb;q=0.9, en;q=1_0", {}, "nb"),
        ("nb;q=0.9, en;q=-1", {}, "nb"),
        (";;;,,,;q=1", {}, "nb"),
        ("nb", {"lang": "en"}, "en"),
        ("en", {"lang": "tlh"}, "en"),
    ],
)
def test_the_language_is_the_readers(client: TestClient, accept: str, query: dict[str, str], lang: str) -> None:
    response = client.get("/", params=query, headers={"Accept-Language": accept})
    assert response.headers["content-language"] == lang
    assert f'<html lang="{lang}">' in response.text


def test_both_languages_have_the_same_words() -> None:
    assert language.WORDS["nb"].keys() == language.WORDS["en"].keys()


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(client: TestClient) -> None:
    response = client.get("/")
    assert not re.search(r"https?://|<script|style=", response.text)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert client.get("/style.css").headers["content-type"].startswith("text/css")


def test_headers_of_the_table_say_what_they_head(client: TestClient) -> None:
    headers = [attributes for tag, attributes in Table(_get(client)).tags if tag == "th"]
    assert [header["scope"] for header in headers] == ["col"] * 9 + ["row"] * 3


def test_the_page_updates_by_itself_until_the_reader_stops_it(client: TestClient) -> None:
    assert '<meta http-equiv="refresh" content="30">' in _get(client)
    stopped = _get(client, refresh="0", lang="en")
    assert "http-equiv" not in stopped
    assert "Update by itself" in stopped


def test_a_new_installation_says_that_it_is_empty(empty: TestClient) -> None:
    html = _get(empty, lang="en")
    assert "No inventory is saved yet." in html
    assert "<table>" not in html


# --- of many, a page ---


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A web over 250 sites whose routers were never polled, but for two."""
    with closing(opened(prepared.migrated(tmp_path_factory.mktemp("crowd")))) as store:
        save_inventory(store, generate(250), "kari")
        names = [site.router.name for site in store.inventory().sites]
        store.healths.save(
            Health(names[120], NOON, reachable=False), Health(names[7], NOON, reachable=True, tunnel_up=True)
        )
        yield client_at(fleet_of(store))


def _routers(html: str) -> list[str]:
    return [row[0] for row in Table(html).rows[1:]]


def _links(html: str) -> dict[str, str]:
    """Where each link that says what it leads to goes."""
    found = [attributes for tag, attributes in Table(html).tags if tag == "a" and attributes.get("rel")]
    return {link["rel"]: link["href"] for link in found}


def test_whoever_follows_the_next_page_sees_every_router_once_the_worst_first(crowd: TestClient) -> None:
    seen, address = list[list[str]](), "?lang=en"
    while address:
        html = crowd.get(f"/{address}").text
        seen.append(_routers(html))
        address = _links(html).get("next", "")
    assert [len(page) for page in seen] == [100, 100, 51]
    everyone = [name for page in seen for name in page]
    assert len(set(everyone)) == 251
    assert "down" in Table(crowd.get("/?lang=en").text).rows[1][2]


def test_the_summary_counts_the_fleet_and_not_the_page(crowd: TestClient) -> None:
    last = crowd.get("/?lang=en&page=3").text
    assert "251 routers: 0 ok, 1 degraded, 1 down, 249 unknown, 0 shut out" in last
    assert "201 to 251 of 251" in last
    assert set(_links(last)) == {"prev"}


@pytest.mark.parametrize(("query", "number"), [("state=down", 1), ("state=degraded", 1), ("state=unknown", 100)])
def test_a_state_is_filtered_for(crowd: TestClient, query: str, number: int) -> None:
    assert len(_routers(crowd.get(f"/?{query}").text)) == number


def test_a_search_goes_by_router_site_and_owner_in_any_case(crowd: TestClient) -> None:
    one = _routers(crowd.get("/?q=RTR-GRANLI-00003").text) or _routers(crowd.get("/?q=granli").text)
    assert one
    assert all("granli" in name for name in one if name.startswith("rtr"))
    owner = Table(crowd.get("/").text).rows[5][1].split()[-1]
    assert _routers(crowd.get("/", params={"q": owner.upper()}).text)


def test_a_filter_stays_on_the_next_page_and_in_the_other_language(crowd: TestClient) -> None:
    html = crowd.get("/?lang=en&state=unknown&q=rtr&refresh=0").text
    assert {"state=unknown", "q=rtr", "refresh=0", "page=2"} <= set(_links(html)["next"].strip("?").split("&"))
    assert 'href="?lang=nb&amp;refresh=0&amp;state=unknown&amp;q=rtr"' in html


def test_what_is_searched_for_is_never_markup(crowd: TestClient) -> None:
    html = crowd.get("/", params={"q": '"><b>', "lang": "en"}).text
    assert "<b>" not in html
    assert "No router fits what you search for." in html

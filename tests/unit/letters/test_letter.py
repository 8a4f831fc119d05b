"""What the letter about openings says, in both languages, as text and as PDF."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from ipaddress import IPv4Address, IPv4Interface
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth

from linjevakt import resources
from linjevakt.inventory import load_catalogue
from linjevakt.letters.document import Document, Language, written
from linjevakt.letters.letter import letter
from linjevakt.letters.openings import Opening, SiteLine, of_line, of_services
from linjevakt.letters.pdf import pdf
from linjevakt.letters.plain import WIDTH, text
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.inventory import Dhcp, Inventory, Line, Place, Static

DAY = date(2026, 11, 22)
LANGUAGES: tuple[Language, ...] = get_args(Language)
OTHER = Static(address=IPv4Interface("192.0.2.10/24"), gateway=IPv4Address("192.0.2.1"))
Found = Callable[..., SiteLine]


@pytest.fixture
def found(inventory: Inventory) -> Found:
    """The example's lines by router and line, with changes to the line."""

    def find(router: str = "rtr-fjellheim", name: str = "wan0", **changes: Any) -> SiteLine:
        site = next(one for one in inventory.sites if one.router.name == router)
        line = next(one for one in site.lines if one.name == name)
        return SiteLine(inventory, site, line.model_copy(update=changes))

    return find


def asked(openings: tuple[Opening, ...]) -> list[tuple[str, tuple[int, ...], str, bool]]:
    """What a firewall's rules are made of."""
    return [(one.protocol, one.ports, one.target.en, one.required) for one in openings]


def document(place: SiteLine, language: Language = "nb") -> Document:
    return letter(place, load_catalogue(), language, DAY)


def flat(shown: str) -> str:
    return " ".join(shown.split())


def pages(place: SiteLine, language: Language = "nb") -> list[str]:
    """The text of the PDF's pages, as a reader finds it there."""
    return [flat(page.extract_text()) for page in PdfReader(BytesIO(pdf(document(place, language)))).pages]


def test_a_line_needs_udp_4500_to_its_hub_and_nothing_else(found: Found) -> None:
    assert asked(of_line(found())) == [
        ("udp", (4500,), "203.0.113.2", True),
        ("udp", (500,), "203.0.113.2", False),
        ("esp", (), "203.0.113.2", False),
    ]


def test_every_platform_s_tunnel_keeps_to_udp_4500_so_that_all_else_may_stay_closed() -> None:
    tunnels = list(resources.templates().glob("*/swanctl.conf.j2"))
    assert tunnels
    for template in tunnels:
        text = template.read_text(encoding="utf-8")
        for setting in ("encap = yes", "local_port = 4500", "remote_port = 4500"):
            assert re.search(rf"^\s*{setting}$", text, re.MULTILINE), f"{template}: {setting}"


def test_a_provider_that_gives_addresses_must_let_the_router_ask_for_one(found: Found) -> None:
    *_, dhcp = of_line(found(addressing=Dhcp()))
    assert asked((dhcp,)) == [("udp", (67,), "the provider's DHCP server", True)]
    assert of_line(found(alternatives=(Dhcp(),)))[-1] == dhcp


def test_the_router_is_named_by_every_address_that_it_may_have(found: Found) -> None:
    source = of_line(found(alternatives=(OTHER, Dhcp())))[0].source
    assert source.nb == "ruteren: 198.51.100.2 / 192.0.2.10 / adressen fra DHCP"


def test_a_site_that_blocks_outbound_is_told_of_services_used_from_both_sides(found: Found) -> None:
    catalogue = load_catalogue()
    (outside,) = catalogue["remote-support"].outside
    known = found().inventory.installation.endpoints[0].model_copy(update={"key": "remote-support"})
    installation = found().inventory.installation
    installation = installation.model_copy(update={"endpoints": (*installation.endpoints, known)})
    inventory = found().inventory.model_copy(update={"installation": installation})
    blocking = SiteLine(inventory, found().site, found().line)
    assert asked(of_services(blocking, catalogue)) == [
        ("tcp", (443, 8041), str(known.address), True),
        ("tcp", outside.ports, str(outside.address), True),
    ]
    assert "Fjernhjelp" in text(letter(blocking, catalogue, "nb", DAY))


def test_a_site_that_blocks_nothing_is_not_bothered_with_them(found: Found) -> None:
    place = found()
    segments = tuple(segment.model_copy(update={"blocks": ()}) for segment in place.site.segments)
    open_site = SiteLine(place.inventory, place.site.model_copy(update={"segments": segments}), place.line)
    assert of_services(open_site, load_catalogue()) == ()
    assert "Fjernhjelp" not in text(document(open_site))


@pytest.mark.parametrize(("router", "line"), [("rtr-solbakken", "wan0"), ("rtr-fjellheim", "wan1")])
def test_a_line_of_nhn_s_own_needs_no_letter(found: Found, router: str, line: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{router}.{line} is .*nobody needs a letter"):
        document(found(router, line))


def test_the_norwegian_letter_says_who_where_what_and_how_to_test(found: Found) -> None:
    said = flat(text(document(found())))
    for part in (
        "22. november 2026",
        "Fjellheim legekontor, org.nr. 310 000 019",
        "Storgata 1, 0155 Oslo, Oslo kommune",
        "etasje: 2, rom: 214",
        "Eksempelnett, feil meldes på 22 00 00 00",
        "fast adresse 198.51.100.2/30, gateway 198.51.100.1",
        "Ingenting utenfra og inn.",
        "Ring kundesenteret på 02017",
        "linjevakt line openings rtr-fjellheim.wan0",
    ):
        assert part in said


def test_the_english_letter_says_the_same(found: Found) -> None:
    said = flat(text(document(found(), "en")))
    for part in ("22 November 2026", "org. no. 310 000 019", "floor: 2, room: 214", "Nothing inbound."):
        assert part in said


@pytest.mark.parametrize(
    ("changes", "norwegian", "english"),
    [
        ({}, "ringer dere først Eksempelnett 22 00 00 00.", "call Eksempelnett 22 00 00 00 first."),
        ({"provider": "Korgen Fiber"}, "ringer dere først Korgen Fiber 22", "call Korgen Fiber 22"),
        (
            {"provider": "Korgen Fiber", "fault_phone": None},
            "ringer dere først NHN 02017 (Korgen Fiber).",
            "call NHN 02017 (Korgen Fiber) first.",
        ),
    ],
)
def test_whom_to_call_has_a_number(found: Found, changes: dict[str, Any], norwegian: str, english: str) -> None:
    assert norwegian in flat(text(document(found(**changes))))
    assert english in flat(text(document(found(**changes), "en")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_says_what_the_text_says(found: Found, language: Language) -> None:
    shown = set(re.findall(r"[\wæøåÆØÅ.@]+", " ".join(pages(found(), language))))
    said = set(re.findall(r"[\wæøåÆØÅ.@]+", re.sub(r"[-|+=]{2,}", " ", _facts_only(document(found(), language)))))
    assert said <= shown


def _facts_only(letter_: Document) -> str:
    """The letter's words, without the plain text's table, which cuts them."""
    parts = [part for section in letter_.sections for part in _words(section.blocks)]
    return " ".join([letter_.title, letter_.date, *letter_.sender, *parts])


def _words(blocks: tuple[Any, ...]) -> list[str]:
    return [word for block in blocks for word in ([block] if isinstance(block, str) else _cells(block.rows))]


def _cells(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    return [cell for row in rows for cell in row]


def test_the_pdf_is_a4_numbers_its_pages_and_has_norwegian_letters(found: Found) -> None:
    file = PdfReader(BytesIO(pdf(document(found()))))
    assert [round(float(side)) for side in file.pages[0].mediabox[2:]] == [round(side) for side in A4]
    first, second = pages(found())
    assert "Side 1 av 2" in first
    assert "Brannmuråpninger for Helsenettet" in first
    assert "nøkkelutveksling" in first
    assert "Side 2 av 2" in second


def _named(place: SiteLine, name: str) -> SiteLine:
    """The same place with everything called so."""
    fields = {"name": name, "street": name, "city": name, "municipality": name, "floor": name, "room": name}
    site = Place.model_validate(place.site.place.model_dump() | fields)
    owners = [one.model_copy(update={"name": name}) for one in place.inventory.organisations]
    return SiteLine(
        place.inventory.model_copy(update={"organisations": tuple(owners)}),
        place.site.model_copy(update={"place": site}),
        Line.model_validate(place.line.model_dump() | {"provider": name}),
    )


@pytest.mark.parametrize("name", ["Ærfuglåsen " * 18 + "æ", "Å" * 200, "W" * 200])
def test_long_names_stay_within_page_and_line(found: Found, name: str) -> None:
    place = _named(found(alternatives=(OTHER, Dhcp())), name)
    assert max(map(len, text(document(place)).splitlines())) <= WIDTH
    assert _widest(pdf(document(place))) <= A4[0] - 60


def _widest(file: bytes) -> float:
    """How far to the right the furthest text ends, points."""
    ends = [0.0]

    def measure(shown: str, page: list[float], line: list[float], _font: Any, size: float) -> None:
        ends.extend(page[4] + line[4] + stringWidth(part, "Vera", size) for part in shown.splitlines())

    for page in PdfReader(BytesIO(file)).pages:
        page.extract_text(visitor_text=measure)
    return max(ends)


@pytest.mark.parametrize("name", ["Berg & Dal <i>AS</i>", "[red]Nord[/red]", "Kárášjoga Čálliidlágádus"])
def test_names_are_shown_as_they_are_spelt(found: Found, name: str) -> None:
    place = _named(found(), name)
    assert name in text(document(place))
    assert name in " ".join(pages(place))


def test_a_letter_that_the_font_lacks_is_shown_as_its_nearest(found: Found) -> None:
    assert "Máttá-Várjjat gielda, Geantan" in " ".join(pages(_named(found(), "Máttá-Várjjat gielda, Geaŋŧan")))


def test_the_same_letter_gives_the_same_file(found: Found) -> None:
    assert pdf(document(found())) == pdf(document(found()))


@given(st.dates())
def test_every_day_can_be_written(day: date) -> None:
    assert re.fullmatch(r"\d{1,2}\. [a-z]+ \d{1,4}", written(day, "nb"))
    assert re.fullmatch(r"\d{1,2} [A-Z][a-z]+ \d{1,4}", written(day, "en"))

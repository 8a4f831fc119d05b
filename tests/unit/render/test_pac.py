"""flex.pac sends every URL where the catalogue says, and a file that misbehaves is an error, not a hang."""

import json
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.render.fleet import CATALOGUE, INVENTORY, identity

from linjevakt import intent, render
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.dossier import dossier
from linjevakt.model.inventory import Inventory
from linjevakt.pac import PacError, evaluate
from napalm_linjevakt.parse import sections

PROXIES = "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128"


def flex_pac(fleet: Inventory, catalogue: Catalogue, router: str) -> str:
    return sections(render.render(intent.build(dossier(fleet, router), catalogue, identity())).text)["flex.pac"]


NUMBER, PLAIN = re.compile(r"\d+|0x[0-9a-f]*"), re.compile(r"(?ai)^[\[]?[a-z0-9_-]+[\]]?\.?$|^\[?::1")
OWN = flex_pac(INVENTORY, CATALOGUE, "rtr-fjellheim")


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://printer/", "DIRECT"),
        ("http://nhn.example/", "DIRECT"),
        ("http://a.b.nhn.example/", "DIRECT"),
        ("https://A.NHN.Example./x", "DIRECT"),
        ("http://evilnhn.example/", PROXIES),
        ("http://nhn.example.evil.example/", PROXIES),
        ("http://10.255.0.40/", "DIRECT"),
        ("http://192.0.2.80/", PROXIES),
        ("http://3221225985/", PROXIES),
        ("http://3dskriver/", "DIRECT"),
        ("http://7-eleven/", "DIRECT"),
        ("http://3DSKRIVER./", "DIRECT"),
        ("http://skriver_2/", "DIRECT"),
        ("http://127.0.0.1:8080/", "DIRECT"),
        ("http://127.255.255.254/", "DIRECT"),
        ("http://127.1/", "DIRECT"),
        ("http://128.0.0.1/", PROXIES),
        ("http://[::1]:631/", "DIRECT"),
        ("http://[0:0:0:0:0:0:0:1]/", "DIRECT"),
        ("http://[::2]/", PROXIES),
        ("http://localhost/", "DIRECT"),
        ("http://LocalHost./", "DIRECT"),
        ("http://journal.localhost:3000/", "DIRECT"),
        ("http://localhost.evil.example/", PROXIES),
        ("http://evillocalhost.example/", PROXIES),
        ("http://127.0.0.1.evil.example/", PROXIES),
        ("http://1.2.3.4.5/", PROXIES),
        ("http://256.0.0.1/", PROXIES),
        ("http://10.0.0.1./", "DIRECT"),
        ("http://10.1/", "DIRECT"),
        ("http://0xA000001/", "DIRECT"),
        ("http://012.0.0.1/", "DIRECT"),
        ("http://010.0.0.1/", PROXIES),
        ("http://09/", PROXIES),
        ("http://12/", PROXIES),
        ("http://0x/", PROXIES),
        ("http://0xprinter/", "DIRECT"),
        ("http://[::ffff:10.0.0.1]/", "DIRECT"),
        ("http://[::FFFF:a00:1]/", "DIRECT"),
        ("http://[::ffff:192.0.2.80]/", PROXIES),
        ("http://[::ffff:127.0.0.1]/", "DIRECT"),
        ("http://[2001:db8::a00:1]/", PROXIES),
        ("http://evil\u3002example/", PROXIES),
        ("http://evil%2eexample/", PROXIES),
        ("http://[2001:db8::1]/", PROXIES),
        ("http://10.evil.example/", PROXIES),
        ("http://video.nhn.example/", PROXIES),
        ("http://partner.example/", "DIRECT"),
        ("http://x.partner.example/", "DIRECT"),
        ("https://www.example.com/", PROXIES),
    ],
)
def test_a_url_goes_where_it_belongs(url: str, answer: str) -> None:
    assert evaluate(OWN, url) == answer


@st.composite
def urls(draw: st.DrawFn, addresses: st.SearchStrategy[IPv4Address]) -> str:
    """An address in one of the ways in which a URL may hold it."""
    octets, keep = draw(addresses).packed, draw(st.integers(0, 3))
    numbers = [*octets[:keep], int.from_bytes(octets[keep:])]
    parts = [draw(st.sampled_from(("{}", "0x{:x}", "0X{:08X}", "0{:o}"))).format(number) for number in numbers]
    dotted, mapped = ".".join(map(str, octets)), IPv6Address(b"\0" * 10 + b"\xff\xff" + octets)
    ways = (".".join(parts), f"{dotted}.", f"[{mapped}]", f"[{mapped.exploded}]", f"[::FFFF:{dotted}]")
    return f"http://{draw(st.sampled_from(ways))}/"


DIRECT_NETWORKS = (*INVENTORY.installation.inside, IPv4Network("127.0.0.0/8"))


def within(network: IPv4Network) -> st.SearchStrategy[IPv4Address]:
    return st.integers(int(network.network_address), int(network.broadcast_address)).map(IPv4Address)


def _is_direct(address: IPv4Address) -> bool:
    return any(address in network for network in DIRECT_NETWORKS)


@given(urls(st.one_of(*map(within, DIRECT_NETWORKS))))
def test_no_inside_address_goes_to_the_proxy_however_it_is_written(url: str) -> None:
    assert evaluate(OWN, url) == "DIRECT"


@given(urls(within(IPv4Network("0.0.0.0/0")).filter(lambda address: not _is_direct(address))))
def test_no_outside_address_goes_direct_however_it_is_written(url: str) -> None:
    assert evaluate(OWN, url) == PROXIES


def asked(host: str) -> str:
    """The answer for a host as some program hands it over that does not read URLs as browsers do."""
    hand_over = f"FindProxyForURL = function (url) {{ return own(url, {json.dumps(host)}); }};"
    return evaluate(f"{OWN}\nvar own = FindProxyForURL;\n{hand_over}", "http://x.example/")


LABELS = [
    "nhn",
    "localhost",
    "10",
    "127",
    "0",
    "1",
    "0x7f",
    "xn--0ca",
    "partner",
    "a-b",
    "_x",
    "::1",
    "[::1]",
    "\u3002",
]


@given(st.lists(st.sampled_from(LABELS), max_size=6), st.sampled_from(["evil.example", "xnhn.example", "10.example"]))
def test_no_outside_name_goes_direct_by_looking_inside(labels: list[str], domain: str) -> None:
    for joint in (".", "-"):
        assert asked(joint.join([*labels, domain])) == PROXIES


@given(st.from_regex(r"[a-z0-9_-]{1,20}", fullmatch=True).filter(lambda name: not NUMBER.fullmatch(name)))
def test_a_plain_name_goes_direct_whatever_it_begins_with(name: str) -> None:
    assert {asked(name), asked(f"{name.upper()}."), asked(f"{name}.localhost")} == {"DIRECT"}


@given(st.text(max_size=20).filter(lambda host: not PLAIN.search(host)))
def test_what_is_no_name_and_no_address_does_not_go_direct(host: str) -> None:
    assert asked(host) == PROXIES


def test_without_the_internet_service_nothing_goes_out() -> None:
    catalogue = CATALOGUE | {"internet": CATALOGUE["internet"].model_copy(update={"pac": ()})}
    pac = flex_pac(INVENTORY, catalogue, "rtr-fjellheim")
    assert evaluate(pac, "http://www.example.com/") == "PROXY 127.0.0.1:9"


@pytest.mark.parametrize(
    ("pac", "message"),
    [
        ("", "no function FindProxyForURL"),
        ("var FindProxyForURL = 3;", "no function FindProxyForURL"),
        ("not javascript (", "SyntaxError"),
        ("function FindProxyForURL() { while (true) {} }", "interrupted"),
        ("function FindProxyForURL() { return FindProxyForURL(); }", "stack overflow"),
        (
            "function FindProxyForURL() { var a = []; while (true) { a.push(new Array(100000).fill(1)); } }",
            "out of memory",
        ),
        ("function FindProxyForURL() { throw 'nothing'; }", "nothing"),
        ("function FindProxyForURL() { return 3; }", "answers int"),
        ("/" * (1024 * 1024 + 1), "larger than 1 MiB"),
    ],
)
def test_a_file_that_misbehaves_is_refused(pac: str, message: str) -> None:
    with pytest.raises(PacError, match=message):
        evaluate(pac, "http://www.example.com/")


@pytest.mark.parametrize("call", ["isInNet(host, '0.0.0.0', '0.0.0.0')", "isResolvable(host)", "dnsResolve(host)"])
def test_a_file_that_waits_on_dns_is_refused(call: str) -> None:
    with pytest.raises(PacError, match=r"looks up www\.example\.com"):
        evaluate(
            f"function FindProxyForURL(url, host) {{ return {call} ? 'DIRECT' : 'DIRECT'; }}", "http://www.example.com"
        )


def test_the_host_is_handed_over_as_it_is_written() -> None:
    pac = "function FindProxyForURL(url, host) { return host; }"
    assert evaluate(pac, "https://kari@WWW.Example.com:8443/www.example.com") == "WWW.Example.com"


def test_a_url_without_a_host_is_refused() -> None:
    with pytest.raises(PacError, match="not a URL with a host"):
        evaluate(OWN, "mailto:someone")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("isPlainHostName('www')", "true"),
        ("dnsDomainIs('www.nhn.no', '.nhn.no')", "true"),
        ("localHostOrDomainIs('www', 'www.nhn.no')", "true"),
        ("isInNet('10.1.2.3', '10.0.0.0', '255.0.0.0')", "true"),
        ("isInNet('11.1.2.3', '10.0.0.0', '255.0.0.0')", "false"),
        ("dnsResolve('10.1.2.3')", "10.1.2.3"),
        ("shExpMatch('http://a.no/x', '*://a.no/*')", "true"),
        ("shExpMatch('axno', 'a.no')", "false"),
        ("dnsDomainLevels('www.nhn.no')", "2"),
    ],
)
def test_the_helper_functions_are_those_of_browsers(call: str, answer: str) -> None:
    assert evaluate(f"function FindProxyForURL(url, host) {{ return String({call}); }}", "http://x.example/") == answer

"""flex.pac sends every URL where the catalogue says, and a file that misbehaves is an error, not a hang."""

import pytest
from tests.unit.render.fleet import CATALOGUE, INVENTORY, identity

from linjevakt import intent, render
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.inventory import Inventory
from linjevakt.pac import PacError, evaluate

PROXIES = "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128"


def flex_pac(fleet: Inventory, catalogue: Catalogue, router: str) -> str:
    return render.split(render.render(intent.build(fleet, catalogue, router, identity())).text)["flex.pac"]


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

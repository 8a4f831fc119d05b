"""Every shipped row keeps its word: flex.pac answers its table, alone with the internet and among all services."""

from pathlib import Path

import pytest

from linjevakt import flexpac, intent, inventory, pac, platforms, render, resources
from linjevakt.model.catalogue import Service

FOLDER = resources.inventory() / "catalogue"
CATALOGUE = inventory.load_catalogue(FOLDER)
EXAMPLE = inventory.load(resources.inventory() / "example").installation
ROWS = sorted(file.stem for file in FOLDER.glob("*.yaml"))
WITH_TABLES = [key for key in ROWS if CATALOGUE[key].pac_tests]


def flex_pac(*keys: str) -> str:
    return render.pac_file(intent.pac(EXAMPLE, CATALOGUE, keys), platforms.named("linux"))


def expected(row: Service, url: str) -> str:
    """What the example's addresses make of the row's own words."""
    address = {service.key: f"PROXY {service.address}:{service.port}" for service in EXAMPLE.endpoints}
    test = next(test for test in row.pac_tests if test.url == url)
    internet = f"{address['proxy']}; {address['proxy-fallback']}"
    return "DIRECT" if test.via == "direct" else address[test.proxy] if test.proxy else internet


@pytest.mark.parametrize("key", WITH_TABLES)
@pytest.mark.parametrize("together", [False, True], ids=["with the internet", "with all services"])
def test_a_browser_is_told_what_the_row_says(key: str, *, together: bool) -> None:
    row = CATALOGUE[key]
    text = flex_pac(*(ROWS if together else (key, "internet")))
    answers = {test.url: pac.evaluate(text, test.url) for test in row.pac_tests}
    assert answers == {test.url: expected(row, test.url) for test in row.pac_tests}


def test_every_file_of_the_catalogue_is_a_row_and_every_row_with_proxy_rules_has_a_table() -> None:
    assert sorted(CATALOGUE) == ROWS
    assert set(WITH_TABLES) >= {key for key, row in CATALOGUE.items() if row.pac}


def test_the_shipped_catalogue_has_nothing_to_mend() -> None:
    assert flexpac.lint(CATALOGUE) == []


def test_the_secure_proxy_is_told_apart_from_the_customer_proxy() -> None:
    text = flex_pac("internet", "secure-proxy")
    assert pac.evaluate(text, "https://www.sikker.example/") == "PROXY 10.255.0.32:8080"
    assert pac.evaluate(text, "https://www.example.com/") == "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128"


def test_who_has_not_ordered_the_internet_gets_nowhere() -> None:
    text = flex_pac("registers")
    assert pac.evaluate(text, "https://resh.nhn.no/") == "DIRECT"
    assert pac.evaluate(text, "https://www.example.com/") == "PROXY 127.0.0.1:9"


def test_remote_support_has_both_sets_of_openings() -> None:
    row = CATALOGUE["remote-support"]
    assert [(flow.protocol, flow.ports) for flow in row.flows] == [("tcp", (443, 8041))]
    assert [(opening.protocol, opening.ports) for opening in row.outside] == [("tcp", (443, 8041))]


def test_a_broken_template_is_told_with_the_row_and_the_url_that_it_breaks(templates: Path) -> None:
    file = templates / "linux" / "flex.pac.j2"
    file.write_text(file.read_text().replace('host.slice(-value.length - 1) === "." + value', "false"))
    findings = {(finding.where[0], finding.message) for finding in flexpac.lint(CATALOGUE, templates)}
    told = "flex.pac of linux answers 'PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128' for https://room1.join.nhn.no/"
    assert ("video", f"{told}, not 'DIRECT'") in findings


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("return RULES[i][2];", 'return PROXY + "; DIRECT";', "goes straight out when the proxy is away"),
        ("return RULES[i][2];", 'return "PROXY 192.0.2.1:8080";', "names the proxy 192.0.2.1:8080, which is none"),
        ("host = host.toLowerCase()", "host = host", "when the host is in upper case"),
        ("return PROXY;\n}", 'return isInNet(host, "10.0.0.0", "255.0.0.0") ? "DIRECT" : PROXY;\n}', "looks up"),
        ("return PROXY;\n}", 'return dnsResolve("10.0.0.1") ? PROXY : PROXY;\n}', "calls dnsResolve"),
        ("// No name", "// Ingen oppslag på navn", "other than ASCII"),
        ("function FindProxyForURL", "function FindProxy", "no function FindProxyForURL"),
        ("return PROXY;\n}", "return PROXY;", "SyntaxError"),
    ],
)
def test_what_no_flex_pac_may_do_is_told(templates: Path, old: str, new: str, fault: str) -> None:
    file = templates / "linux" / "flex.pac.j2"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    findings = flexpac.lint(CATALOGUE, templates)
    assert any(fault in finding.message for finding in findings), [finding.message for finding in findings]

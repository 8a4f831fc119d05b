"""A catalogue whose rows are untested, contradict each other or name what is not there is refused, with the place."""

from pathlib import Path

import pytest

from linjevakt import inventory
from linjevakt.model.errors import InventoryError

HEAD = "title: {nb: Prøve, en: Trial}\n"


def issues(rows: Path) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        inventory.load_catalogue(rows)
    return [str(issue) for issue in caught.value.issues]


def add(rows: Path, text: str, key: str = "trial") -> None:
    (rows / f"{key}.yaml").write_text(f"key: {key}\n{HEAD}{text}")


def test_a_row_with_proxy_rules_and_no_table_is_refused(rows: Path) -> None:
    add(rows, "pac:\n  - {match: host, value: a.example, via: direct}\n")
    assert issues(rows) == [
        (
            "trial.yaml:4: pac[0]: the rule host a.example has no test. "
            "Add a URL that it decides to `pac_tests`, with the way that a browser must take"
        )
    ]


def test_a_url_that_another_rule_decides_is_no_test_of_a_rule(rows: Path) -> None:
    add(
        rows,
        "pac:\n  - {match: host, value: a.example, via: proxy}\n  - {match: suffix, value: example, via: direct}\n"
        'pac_tests: [{url: "http://a.example/", via: proxy}]\n',
    )
    assert [line.split(". ")[0] for line in issues(rows)] == [
        "trial.yaml:5: pac[1]: the rule suffix example has no test"
    ]


def test_a_host_below_a_suffix_that_says_the_same_is_told(rows: Path) -> None:
    add(
        rows,
        "pac:\n  - {match: suffix, value: join.example, via: direct}\n"
        "  - {match: host, value: a.join.example, via: direct}\n"
        'pac_tests: [{url: "http://a.join.example/", via: direct}, {url: "http://join.example/", via: direct}]\n',
    )
    assert issues(rows) == [
        (
            "trial.yaml:5: pac[1]: the rule host a.join.example changes nothing: suffix join.example says it already. "
            "Remove it"
        )
    ]


def test_a_host_below_a_suffix_that_goes_another_way_is_an_exception(rows: Path) -> None:
    add(
        rows,
        "pac:\n  - {match: suffix, value: join.example, via: direct}\n"
        "  - {match: host, value: a.join.example, via: proxy}\n"
        'pac_tests: [{url: "http://a.join.example/", via: proxy}, {url: "http://join.example/", via: direct}]\n',
    )
    assert "trial" in inventory.load_catalogue(rows)


@pytest.mark.parametrize("match", ["host", "suffix"])
def test_two_rows_that_send_a_name_different_ways_are_told(rows: Path, match: str) -> None:
    rule = f"pac: [{{match: {match}, value: resh.nhn.no, via: proxy}}]\n"
    add(rows, rule + 'pac_tests: [{url: "http://resh.nhn.no/", via: proxy}]\n')
    assert issues(rows) == [
        (
            "trial.yaml:3: pac[0]: resh.nhn.no goes proxy here and direct by 'registers' (registers.yaml:8). "
            "Keep one of them: a router has one PAC file for all its services"
        )
    ]


def test_the_internet_never_goes_direct(rows: Path) -> None:
    text = (rows / "internet.yaml").read_text()
    (rows / "internet.yaml").write_text(text.replace("{match: internet, via: proxy}", "{match: internet, via: direct}"))
    assert issues(rows) == ["internet.yaml:7: pac[0].via: sends the internet direct. Only `via: proxy` is allowed"]


def test_a_proxy_to_which_the_row_has_no_flow_is_told(rows: Path) -> None:
    add(
        rows,
        "pac:\n  - {match: suffix, value: bank.example, via: proxy, proxy: secure-proxi}\n"
        'pac_tests: [{url: "http://bank.example/", via: proxy, proxy: secure-proxi}]\n',
    )
    assert [line.split(". ")[0] for line in issues(rows)] == [
        "trial.yaml:4: pac[0].proxy: no TCP flow of this row goes to the proxy 'secure-proxi'",
        "trial.yaml:5: pac_tests[0].proxy: no TCP flow of this row goes to the proxy 'secure-proxi'",
    ]


def test_an_approved_supplier_has_a_name(rows: Path) -> None:
    add(rows, "requires: [approved_supplier]\n")
    assert issues(rows) == ["trial.yaml:3: requires[0]: requires an approved supplier and names none. Add `supplier`"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("pac: [{match: host, value: A.example, via: direct}]", "pac[0].value"),
        ("pac: [{match: internet, via: proxy, proxy: proxy}]", "goes by all the proxies"),
        ("pac: [{match: host, value: a.example, via: direct, proxy: proxy}]", "`direct` has none"),
        ('pac_tests: [{url: "ftp://a.example/", via: direct}]', "is no web address"),
        ('pac_tests: [{url: "a.example", via: direct}]', "is no web address"),
        ("requires: [hr_id]", "Did you mean 'her_id'?"),
    ],
)
def test_what_a_row_cannot_say_is_told_with_the_field(rows: Path, row: str, message: str) -> None:
    add(rows, f"{row}\n")
    found = issues(rows)
    assert len(found) == 1
    assert found[0].startswith("trial.yaml:3: ")
    assert message in found[0]

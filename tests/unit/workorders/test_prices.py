"""The shipped prices are those of domain.md section 10, and a wrong file is refused with file, line and field."""

from datetime import date
from pathlib import Path

import pytest

from linjevakt.model.errors import InventoryError, NotFoundError
from linjevakt.workorders.prices import Price, load_prices

THREE_YEARS = """\
prices:
  - {from: 2026-01-01, relocation_nhn_delivered: 3000}
  - {from: 2027-01-01, relocation_nhn_delivered: 3100}
  - {from: 2028-02-29, relocation_nhn_delivered: 3200}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "prices.yaml").write_text(text)
    return folder


def findings(folder: Path) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        load_prices(folder)
    return [str(issue) for issue in caught.value.issues]


def test_the_shipped_prices_are_those_that_nhn_publishes() -> None:
    assert load_prices().on(date(2026, 10, 14)) == Price(since=date(2026, 1, 1), relocation_nhn_delivered=3000)


@pytest.mark.parametrize(
    ("day", "relocation"),
    [
        (date(2026, 1, 1), 3000),
        (date(2026, 12, 31), 3000),
        (date(2027, 1, 1), 3100),
        (date(2028, 2, 28), 3100),
        (date(2028, 2, 29), 3200),
        (date(2040, 6, 1), 3200),
    ],
)
def test_the_price_in_force_is_the_last_row_that_has_begun(tmp_path: Path, day: date, relocation: int) -> None:
    price = load_prices(written(tmp_path, THREE_YEARS)).on(day)
    assert price.relocation_nhn_delivered == relocation


def test_a_day_before_the_first_row_has_no_price(tmp_path: Path) -> None:
    prices = load_prices(written(tmp_path, THREE_YEARS))
    with pytest.raises(NotFoundError, match=r"for 2025-12-31: the first row of prices\.yaml begins 2026-01-01"):
        prices.on(date(2025, 12, 31))


def test_every_wrong_field_is_told_with_its_line(tmp_path: Path) -> None:
    text = """\
prices:
  - from: 2026-13-01
    relocation_nhn_delivered: 3 000
  - from: 2027-01-01
    relocation_nhn_delivered: -1
  - relocation_nhn_deliver: 3000
  - from: 2028-01-01
    relocation_nhn_delivered:
"""
    see = "See inventory/example for a file that is right"
    assert sorted(findings(written(tmp_path, text))) == [
        "prices.yaml:2: prices[0].from: '2026-13-01' is no date. Write it as 2026-01-31",
        "prices.yaml:3: prices[0].relocation_nhn_delivered: '3 000' is no number. Write digits only",
        "prices.yaml:5: prices[1].relocation_nhn_delivered: '-1' must be at least 0. Correct the figure",
        f"prices.yaml:6: prices[2].from: is missing. Add `from:`. {see}",
        (
            "prices.yaml:6: prices[2].relocation_nhn_deliver: is not a field here. "
            "Did you mean 'relocation_nhn_delivered'?"
        ),
        f"prices.yaml:6: prices[2].relocation_nhn_delivered: is missing. Add `relocation_nhn_delivered:`. {see}",
        (
            "prices.yaml:8: prices[3].relocation_nhn_delivered: is empty. "
            "Give it a value, or leave the line out where there is a default"
        ),
    ]


def test_rows_must_be_in_order_and_one_for_each_day(tmp_path: Path) -> None:
    text = """\
prices:
  - {from: 2027-01-01, relocation_nhn_delivered: 3000}
  - {from: 2026-01-01, relocation_nhn_delivered: 3000}
  - {from: 2026-01-01, relocation_nhn_delivered: 3000}
"""
    remedy = "Put the rows in order of time, one for each day"
    assert findings(written(tmp_path, text)) == [
        f"prices.yaml:3: prices[1].from: 2026-01-01 is not later than the row before it, 2027-01-01. {remedy}",
        f"prices.yaml:4: prices[2].from: 2026-01-01 is not later than the row before it, 2026-01-01. {remedy}",
    ]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", "prices.yaml: file: is empty"),
        ("prices: []\n", "prices.yaml:1: prices: needs at least one row"),
        ("prices: 1633\n", "prices.yaml:1: prices: must be a list"),
        ("price: []\n", "prices.yaml:1: price: is not a field here. Did you mean 'prices'?"),
        ("prices: [\n", "prices.yaml:2: file: is not YAML"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, finding: str) -> None:
    assert any(found.startswith(finding) for found in findings(written(tmp_path, text)))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert findings(tmp_path)[0].startswith("prices.yaml: file: is missing")

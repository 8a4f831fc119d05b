"""Text made safe to show: which characters, how they are written, and that JSON loses nothing by it."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import hostile

from linjevakt.model.errors import InventoryError, Issue, LackingError, UnreachableError
from linjevakt.model.phrase import Phrase
from linjevakt.model.text import one_line, visible
from linjevakt_agent.base.visible import visible as on_a_router

EVERYTHING = "".join(map(chr, range(sys.maxunicode + 1)))
OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def left(text: str) -> set[str]:
    return {char for char in text if unicodedata.category(char) in OBEYED}


def test_of_all_of_unicode_only_layout_is_left_of_what_is_obeyed_or_unseen() -> None:
    assert left(visible(EVERYTHING)) == {"\n", "\t"}
    assert left(one_line(EVERYTHING)) == set()


def test_a_router_writes_it_as_we_do() -> None:
    assert on_a_router(EVERYTHING) == visible(EVERYTHING)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x9b31m\x7f", "\\u009b31m\\u007f"),
        ("a\r\nb", "a\\u000d\nb"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\udc80", "\\udc80"),
        ("Tromsø, Šibenik, 北京 👍", "Tromsø, Šibenik, 北京 👍"),
    ],
)
def test_it_is_written_as_json_escapes_it(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_means_the_same_afterwards(value: object) -> None:
    assert json.loads(visible(json.dumps(value, ensure_ascii=False, indent=2))) == value


@given(st.text())
def test_twice_is_no_more_than_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize("text", hostile.HIDDEN.values(), ids=hostile.HIDDEN)
def test_no_error_of_ours_commands_a_terminal_whatever_it_quotes(text: str) -> None:
    errors = (
        UnreachableError(f"rtr-a: {text}"),
        LackingError(text, (Phrase(nb=text, en=text),)),
        InventoryError([Issue(text, 1, text, text, text)]),
    )
    for error in errors:
        assert left(str(error)) <= {"\n", "\t"}

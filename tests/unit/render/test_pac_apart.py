"""A PAC file that a router has changed: whatever it does, the controller goes on."""

import time

import pytest

from linjevakt import pac
from linjevakt.pac import Apart, PacError

_HOSTILE = {
    "regular expression": f"return /^(a+)+$/.test('{40 * 'a'}b') ? 'x' : 'y';",
    "loop": "for (;;) {}",
    "text": "var s = 'x'; for (;;) { s += s; }",
    "list": "var a = []; for (;;) { a.push(a.slice()); }",
    "recursion": "return FindProxyForURL(u, h) + 1;",
    "error": "throw 'x'.repeat(10000000);",
}


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Apart:
    monkeypatch.setattr(pac, "APART_LIMIT_S", 8.0)
    return Apart()


def test_no_hostile_file_holds_us_up(apart: Apart) -> None:
    for body in _HOSTILE.values():
        began = time.monotonic()
        with pytest.raises(PacError):
            apart(f"function FindProxyForURL(u, h) {{ {body} }}", "http://a.example/")
        assert time.monotonic() - began < 20


def test_an_honest_file_is_answered_also_after_a_hostile_one(apart: Apart) -> None:
    honest = "function FindProxyForURL(u, h) { return 'PROXY ' + h + ':3128'; }"
    assert apart(honest, "http://A.example/") == "PROXY A.example:3128"
    with pytest.raises(PacError, match="did not answer"):
        apart(f"function FindProxyForURL(u, h) {{ {_HOSTILE['regular expression']} }}", "http://a.example/")
    assert apart(honest, "http://b.example/") == "PROXY b.example:3128"

"""A PAC file that a router has changed: whatever it does, the controller goes on."""

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
    """Hostile files are given up soon; honest ones are given the time that a busy machine takes."""
    monkeypatch.setattr(pac, "APART_LIMIT_S", 60.0)
    return Apart()


@pytest.mark.timeout(120)  # without the limit the regular expression takes for ever
@pytest.mark.parametrize("body", _HOSTILE.values(), ids=_HOSTILE)
def test_no_hostile_file_holds_us_up(apart: Apart, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused, and an honest one is answered before it and after it."""
    honest = "function FindProxyForURL(u, h) { return 'PROXY ' + h + ':3128'; }"
    assert apart(honest, "http://A.example/") == "PROXY A.example:3128"
    with monkeypatch.context() as soon:
        soon.setattr(pac, "APART_LIMIT_S", 1.0)
        with pytest.raises(PacError, match="did not answer" if body == _HOSTILE["regular expression"] else ""):
            apart(f"function FindProxyForURL(u, h) {{ {body} }}", "http://a.example/")
    assert apart(honest, "http://b.example/") == "PROXY b.example:3128"

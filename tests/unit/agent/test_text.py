"""The configuration text: what it means, what it hashes to, and how mistakes in it are told."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.agent.conftest import MEMORY

from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.config import text
from linjevakt_agent.config.sections import SECTIONS
from linjevakt_agent.config.store import Store

READABLE = st.characters(
    exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], exclude_characters="#", include_characters="\n\t"
)
bodies = st.dictionaries(st.sampled_from(list(SECTIONS)), st.text(READABLE))


def test_sections_come_in_canonical_order_with_one_newline_at_the_end() -> None:
    parsed = text.parse("#!linjevakt-config 1\n##### nftables.conf\nflush ruleset\n\n\n##### hostname\nrtr-a")
    assert list(parsed.items()) == [("hostname", "rtr-a\n"), ("nftables.conf", "flush ruleset\n")]
    assert text.canonical(parsed) == "#!linjevakt-config 1\n##### hostname\nrtr-a\n##### nftables.conf\nflush ruleset\n"


def test_the_hash_of_a_known_text_is_its_sha256() -> None:
    # printf '#!linjevakt-config 1\n##### hostname\nrtr-a\n' | sha256sum
    expected = "ce51ef9ecb12aebee36c01632b63cdf44bf84d085ad077232d8c758c054eddb8"
    assert text.config_hash({"hostname": "rtr-a"}) == expected


@given(bodies)
def test_what_is_formatted_parses_back_to_the_same(sections: dict[str, str]) -> None:
    canonical = text.canonical(sections)
    assert text.canonical(text.parse(canonical)) == canonical
    assert text.config_hash(text.parse(canonical)) == text.config_hash(sections)


@pytest.mark.parametrize(
    ("broken", "line", "said"),
    [
        ("##### hostname\n", 1, "first line"),
        ("#!linjevakt-config 2\n", 1, "first line"),
        ("#!linjevakt-config 1\nrtr-a\n", 2, "before the first section"),
        ("#!linjevakt-config 1\n##### hostnam\nrtr-a\n", 2, "did you mean 'hostname'?"),
        ("#!linjevakt-config 1\n##### zebra.conf\n", 2, "known sections: hostname network.toml"),
        ("#!linjevakt-config 1\n##### hostname\na\n##### hostname\nb\n", 4, "twice"),
        ("#!linjevakt-config 1\n##### hostname\na\0\n", 1, "U+0000"),
        ("#!linjevakt-config 1\n\0\n##### hostname\na\n", 2, "U+0000"),
    ],
)
def test_a_mistake_is_told_with_its_line(broken: str, line: int, said: str) -> None:
    with pytest.raises(InvalidError) as caught:
        text.parse(broken)
    assert caught.value.line == line
    assert said in caught.value.message


def test_merge_replaces_the_sections_given_and_an_empty_body_removes_one() -> None:
    base = {"hostname": "a\n", "shaping.tc": "x\n", "nftables.conf": "flush ruleset\n"}
    given_sections = text.parse("#!linjevakt-config 1\n##### hostname\nb\n##### shaping.tc\n")
    assert text.merge(base, given_sections) == {"hostname": "b\n", "nftables.conf": "flush ruleset\n"}
    assert text.replace(base, given_sections) == {"hostname": "b\n"}


def test_a_missing_required_section_is_named() -> None:
    with pytest.raises(InvalidError) as caught:
        text.check_complete({name: "x\n" for name in SECTIONS if name != "secrets.toml"})
    assert caught.value.section == "secrets.toml"


def test_a_diff_names_the_section_and_is_empty_for_equals() -> None:
    before, after = {"hostname": "a\n", "flex.pac": "f\x0cf\n"}, {"hostname": "b\n", "flex.pac": "f\x0cf\n"}
    assert text.diff(before, after) == "--- running/hostname\n+++ candidate/hostname\n@@ -1 +1 @@\n-a\n+b\n"
    assert text.diff(before, before) == ""


def test_a_secret_never_shows_but_a_change_of_it_does() -> None:
    salt, other = b"s" * 32, b"t" * 32
    old = {"secrets.toml": '# was hunter1\n"snmp.a.auth" = "hunter2"\n'}
    new = {"secrets.toml": '"snmp.a.auth" = "hunter3"\n'}
    shown = text.diff(text.sanitize(old, salt), text.sanitize(new, salt))
    assert "hunter" not in shown
    assert shown.count('"snmp.a.auth" = "<secret ') == 2
    assert text.sanitize(old, salt) != text.sanitize(old, other)


def test_secrets_that_are_not_toml_are_hidden_whole() -> None:
    assert "hunter2" not in text.canonical(text.sanitize({"secrets.toml": "password hunter2\n"}, b"salt"))


@pytest.mark.parametrize(
    "character",
    ["\r", "\0", "\x0b", "\x0c", "\x1b", "\x1c", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\u202e", "\ud800"],
)
@pytest.mark.parametrize("where", ["{}a", "a{}", "# a{}\nb", "{}"])
def test_a_character_that_readers_take_in_different_ways_is_refused_where_it_stands(character: str, where: str) -> None:
    body = "first\n" + where.format(character) + "\n"
    with pytest.raises(InvalidError, match=r"carriage return|U\+") as caught:
        text.parse(f"{text.FIRST_LINE}\n##### hostname\na\n##### nftables.conf\n{body}")
    assert (caught.value.section, caught.value.line) == ("nftables.conf", 2)


def test_a_carriage_return_in_a_header_is_no_section() -> None:
    for broken in (f"{text.FIRST_LINE}\r\n##### hostname\na\n", f"{text.FIRST_LINE}\n##### hostname\r\na\n"):
        with pytest.raises(InvalidError):
            text.parse(broken)


@given(given_bodies=bodies)
@settings(max_examples=60, deadline=None)
def test_what_is_loaded_lies_on_the_disk_and_is_shown_byte_for_byte(given_bodies: dict[str, str]) -> None:
    parsed = text.parse(text.canonical(given_bodies))
    with TemporaryDirectory(dir=MEMORY) as folder:
        store = Store(Paths(Path(folder)))
        hashed = store.put_candidate(parsed, "s").hash
        read = store.sections("candidate")
        disk = {name: (Path(folder) / "var/lib/linjevakt/candidate" / name).read_bytes() for name in read}
    assert text.canonical(read).encode() == text.canonical(parsed).encode()
    assert hashed == text.config_hash(read)
    assert {name: body.encode() for name, body in parsed.items() if body} == disk
    assert all(body.splitlines(keepends=True) == text.lines(body) for body in read.values())

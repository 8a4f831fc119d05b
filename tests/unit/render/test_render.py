"""A candidate holds what was meant, keeps secrets apart, and every mistake in a template is found by file and line."""

import re
import shutil
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.render.fleet import CATALOGUE, INVENTORY, identity

from linjevakt import intent, platforms, render, resources
from linjevakt.model.dossier import dossier
from linjevakt.model.errors import InvalidInputError, NotFoundError, SecretError, TemplateError
from linjevakt.model.intent import FlowIntent, Identity, Intent, PacRuleIntent
from linjevakt.model.secret import Secret
from napalm_linjevakt.parse import sections

SITE = intent.build(dossier(INVENTORY, "rtr-fjellheim"), CATALOGUE, identity())
HUB = intent.build(dossier(INVENTORY, "hub-oslo"), CATALOGUE, identity())


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the templates to spoil."""
    return Path(shutil.copytree(resources.templates(), tmp_path / "templates"))


def spoiled(templates: Path, name: str, body: str) -> Path:
    (templates / "linux" / name).write_text(body)
    return templates


def section(wanted: Intent, name: str) -> str:
    return sections(render.render(wanted).text)[name]


def test_secrets_are_in_their_own_section_and_only_as_tokens() -> None:
    candidate = render.render(SITE)
    assert all(secret.reveal() not in candidate.text for secret in candidate.secrets.values())
    bodies = sections(candidate.text)
    assert {name for name, body in bodies.items() if "@{secret:" in body} == {"secrets.toml"}
    assert f'"snmp.linjevakt.auth" = "{"a0" * 32}"' in candidate.revealed().reveal()


def test_rendering_twice_gives_the_same_text() -> None:
    assert render.render(SITE) == render.render(SITE)


def test_a_hub_has_no_section_that_only_a_lan_needs() -> None:
    assert not {"shaping.tc", "dnsmasq.conf", "nginx.conf", "flex.pac"} & set(sections(render.render(HUB).text))


def test_one_segment_alone_is_not_shaped() -> None:
    alone = replace(SITE, segments=SITE.segments[:1])
    assert "shaping.tc" not in sections(render.render(alone).text)
    assert "meta priority" not in section(alone, "nftables.conf")


def test_lans_never_meet_and_never_reach_a_line() -> None:
    firewall = section(SITE, "nftables.conf")
    forward = firewall[firewall.index("chain forward") : firewall.index("# legekontor:")]
    accepted = [line.strip() for line in forward.splitlines() if "accept" in line or "jump" in line]
    assert accepted == [
        "ct state vmap { related : accept, invalid : drop }",
        'iifname "lan0" oifname "ipsec0" jump segment_legekontor',
        'iifname "ipsec0" oifname "lan0" ct state established jump answers_legekontor',
        'iifname "lan1.20" oifname "ipsec0" jump segment_fysioterapi',
        'iifname "ipsec0" oifname "lan1.20" ct state established jump answers_fysioterapi',
    ]
    assert forward.index("oifname @wan") < forward.index("ct state")


def test_a_block_judges_every_packet_both_ways_so_that_what_was_begun_before_it_ends() -> None:
    block = FlowIntent("blocked", IPv4Network("10.255.0.40/32"), "tcp", (443,))
    blocked = replace(SITE, segments=(replace(SITE.segments[0], blocks=(block,)), *SITE.segments[1:]))
    firewall = section(blocked, "nftables.conf")
    forward = firewall[firewall.index("chain forward") :]
    assert "established : accept" not in forward[: forward.index("# legekontor:")]
    there, back = (forward.index(f"chain {way}_legekontor") for way in ("segment", "answers"))
    assert "ip daddr 10.255.0.40/32 tcp dport { 443 } counter name blocked_legekontor drop" in forward[there:back]
    assert "ip saddr 10.255.0.40/32 tcp sport { 443 } counter name blocked_legekontor drop" in forward[back:]


def test_a_syntax_error_in_a_template_is_named_by_file_and_line(templates: Path) -> None:
    spoiled(templates, "hostname.j2", "{{ router }}\n{% if %}\n")
    with pytest.raises(TemplateError, match=r"hostname\.j2:2: "):
        render.render(SITE, templates)


def test_a_value_that_is_missing_is_named_by_file_and_line(templates: Path) -> None:
    spoiled(templates, "hostname.j2", "\n\n{{ rooter }}\n")
    with pytest.raises(TemplateError, match=r"hostname\.j2:3: 'rooter' is undefined"):
        render.render(SITE, templates)


def test_a_template_that_stumbles_is_named_by_file_and_line(templates: Path) -> None:
    spoiled(templates, "hostname.j2", "\n{{ up_kbit // 0 }}\n")
    with pytest.raises(TemplateError, match=r"hostname\.j2:2: integer division"):
        render.render(SITE, templates)


def test_a_missing_template_is_named(templates: Path) -> None:
    (templates / "linux" / "hostname.j2").unlink()
    with pytest.raises(TemplateError, match=r"hostname\.j2: there is no such template"):
        render.render(SITE, templates)


def test_a_template_may_not_begin_a_section(templates: Path) -> None:
    spoiled(templates, "hostname.j2", "{{ router }}\n##### nftables.conf\n")
    with pytest.raises(TemplateError, match="which begins a section"):
        render.render(SITE, templates)


def test_a_template_that_changes_is_read_anew(templates: Path) -> None:
    before = render.render(SITE, templates)
    spoiled(templates, "hostname.j2", "{{ router }}-new\n")
    assert render.render(SITE, templates) != before


def test_a_secret_that_identity_lacks_is_named_by_file_and_line(templates: Path) -> None:
    spoiled(templates, "secrets.toml.j2", 'a = "{{ secret("bgp") }}"\n')
    with pytest.raises(TemplateError, match=r"secrets\.toml\.j2:1: .*no secret 'bgp'"):
        render.render(SITE, templates)


ONE_TEMPLATE = (
    (Path(__file__).parents[1] / "platform" / "templates" / "acme" / "platform.toml")
    .read_text()
    .replace("secrets = ", "# secrets = ")
)


def test_a_platform_may_have_one_template_instead_of_sections(templates: Path) -> None:
    folder = templates / "other"
    folder.mkdir()
    (folder / "platform.toml").write_text(ONE_TEMPLATE)
    (folder / "config.j2").write_text('hostname {{ router }}\nsnmp {{ secret("snmp.linjevakt.auth") }}\n')
    candidate = render.render(replace(SITE, platform="other"), templates)
    assert candidate.text == "hostname rtr-fjellheim\nsnmp @{secret:snmp.linjevakt.auth}\n"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            ONE_TEMPLATE.replace('"replace"', '"both"'),
            "load: 'both' is not one of the choices. Use one of: replace, merge",
        ),
        (ONE_TEMPLATE.replace('template = "config.j2"', ""), "give either `sections` or `template`"),
        (f'secrets = ["("]\n{ONE_TEMPLATE}', "not a regular expression"),
        (f'secrets = ["user .*"]\n{ONE_TEMPLATE}', "has no group"),
        (f"colour = 1\n{ONE_TEMPLATE}", "colour: is not a field here"),
        (f'addresing = ["dhcp"]\n{ONE_TEMPLATE}', "addresing: is not a field here. "),
        (f'capabilities = ["prove"]\n{ONE_TEMPLATE}', "capabilities: is not a field here"),
        (ONE_TEMPLATE.replace("step_s = 60", "step = 60"), "revert.step: "),
        (ONE_TEMPLATE.replace("step_s = 60", "step_s = 0"), "a step_s of 1 or more"),
        (ONE_TEMPLATE.replace("minimum_s = 60", "minimum_s = 9000"), "1 <= minimum_s <= maximum_s"),
        (ONE_TEMPLATE.partition("[revert]")[0], "revert: is missing"),
        (ONE_TEMPLATE.replace("own =", "mine ="), "interfaces.mine: is not a field here"),
        (re.sub(r"(?m)^pattern = .*", 'pattern = "("', ONE_TEMPLATE), "interfaces.line.pattern: '(' not a regular"),
        ("driver = \n", "Invalid value"),
    ],
)
def test_a_wrong_platform_file_is_refused_by_field(templates: Path, body: str, message: str) -> None:
    (templates / "linux" / "platform.toml").write_text(body)
    with pytest.raises(TemplateError, match=rf"platform\.toml: .*{re.escape(message)}"):
        platforms.named("linux", templates)


def test_an_unknown_platform_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"there is no platform 'linus'.*linux"):
        render.render(replace(SITE, platform="linus"))


def test_the_linux_platform_arms_a_timer_of_any_whole_second() -> None:
    revert = platforms.named("linux").revert
    assert revert is not None
    assert revert.fit(61) == 61


# --- no value breaks out of its place ---

SNEAKY = st.text(max_size=40) | st.sampled_from(
    [
        "a\nb",
        "a\r\nb",
        'a"b',
        "a#b",
        "a; b",
        "a b",
        "a}\n}",
        "##### hostname",
        "@{secret:snmp.linjevakt.auth}",
        "a\x00b",
        "\u2028",
    ]
)


def with_identity(**change: Any) -> Intent:
    return replace(SITE, identity=replace(SITE.identity, **change))


PLACES = {
    "router": lambda value: replace(SITE, router=value),
    "location": lambda value: replace(SITE, location=value),
    "contact": lambda value: replace(SITE, contact=value),
    "pac host": lambda value: replace(SITE, pac_host=value),
    "tunnel identity": lambda value: replace(SITE, tunnel=replace(SITE.tunnel, identity=value)),
    "segment": lambda value: replace(SITE, segments=(replace(SITE.segments[0], name=value), SITE.segments[1])),
    "interface": lambda value: replace(SITE, segments=(replace(SITE.segments[0], interface=value), SITE.segments[1])),
    "probe target": lambda value: replace(SITE, probes=(replace(SITE.probes[0], target=value), *SITE.probes[1:])),
    "probe server": lambda value: replace(
        SITE, probes=(replace(SITE.probes[0], server=value or "x"), *SITE.probes[1:])
    ),
    "pac rule": lambda value: replace(
        SITE, pac=replace(SITE.pac, rules=(PacRuleIntent("host", value, "DIRECT"),)) if SITE.pac else None
    ),
    "proxy": lambda value: replace(SITE, pac=replace(SITE.pac, answer=f"PROXY {value}") if SITE.pac else None),
    "authorized key": lambda value: with_identity(authorized_keys=(value,)),
    "certificate": lambda value: with_identity(certificate=value),
    "snmp user": lambda value: with_identity(snmp_user=value),
}


def shape(text: str) -> dict[str, int]:
    """Lines by section: what a value that breaks out would change."""
    return {name: body.count("\n") for name, body in sections(text).items()}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=60, deadline=None)
@given(value=SNEAKY)
@example(value="plain")
@example(value="plain\n##### secrets.toml")
def test_no_value_breaks_out_of_its_place(place: str, value: str) -> None:
    try:
        candidate = render.render(PLACES[place](value))
    except InvalidInputError:
        return
    expected = shape(
        render.render(PLACES[place]("plain") if place not in {"authorized key", "certificate"} else SITE).text
    )
    assert shape(candidate.text) == expected
    assert candidate.text.count("@{secret:") == len(SITE.identity.secrets)
    assert all(ord(char) >= ord(" ") or char == "\n" for char in candidate.text)


def test_a_refused_value_is_named_by_file_line_and_reason() -> None:
    with pytest.raises(
        InvalidInputError, match=r"agent\.toml\.j2:8: 'a\\nb' holds the control character U\+000A; remove it"
    ):
        render.render(replace(SITE, location="a\nb"))


@pytest.mark.parametrize("value", ['a"b', "a\nb", "a\\b", "å"])
def test_a_secret_that_would_break_out_of_its_quotes_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(SecretError) as caught:
        render.render(with_identity(secrets={"snmp.linjevakt.auth": Secret(value)}))
    assert value not in str(caught.value)


def test_identity_never_shows_a_secret() -> None:
    shown = repr(Identity("", "", (), "", "", {"a": Secret("hidden")}))
    assert "hidden" not in shown

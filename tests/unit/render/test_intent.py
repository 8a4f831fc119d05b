"""What a router is meant to do follows from inventory and catalogue, and from nothing else."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from tests.unit.render.fleet import CATALOGUE, CLOSED, INSTALLATION, INVENTORY, SHARED, identity

from linjevakt import intent
from linjevakt.model.catalogue import Catalogue, Flow, PacRule, PacTest
from linjevakt.model.dossier import dossier
from linjevakt.model.errors import InvalidInputError, NotFoundError
from linjevakt.model.intent import Intent, PacCase, PacRuleIntent
from linjevakt.model.inventory import Inventory


def built(
    router: str, *, inventory: Inventory = INVENTORY, catalogue: Catalogue = CATALOGUE, bootstrap: bool = False
) -> Intent:
    return intent.build(dossier(inventory, router), catalogue, identity(), bootstrap=bootstrap)


def with_rules(*rules: PacRule) -> Catalogue:
    portal = CATALOGUE["portal"].model_copy(update={"pac": rules})
    return CATALOGUE | {"portal": portal}


def test_a_new_site_changes_nothing_on_the_hub() -> None:
    fewer = INVENTORY.model_copy(update={"sites": (SHARED,)})
    assert built("hub-oslo", inventory=fewer) == built("hub-oslo")


def test_a_hub_answers_every_router_of_the_fleet_and_calls_nobody() -> None:
    hub = built("hub-oslo")
    assert (hub.role, hub.tunnel.remote, hub.segments, hub.inside_port) == ("hub", None, (), "lan0")
    assert hub.tunnel.remote_networks == (IPv4Network("10.0.0.0/8"),)


def test_a_site_calls_the_hub_it_names() -> None:
    other = INSTALLATION.hubs[0].model_copy(
        update={"router": INSTALLATION.hubs[0].router.model_copy(update={"name": "hub-bergen"})}
    )
    installation = INSTALLATION.model_copy(update={"hubs": (*INSTALLATION.hubs, other)})
    site = SHARED.model_copy(update={"hub": "hub-bergen"})
    inventory = INVENTORY.model_copy(update={"installation": installation, "sites": (site,)})
    assert built("rtr-fjellheim", inventory=inventory).tunnel.remote_identity == "hub-bergen"


def test_the_tunnel_carries_management_and_segments_and_the_certificate_no_less() -> None:
    expected = tuple(map(IPv4Network, ("10.250.0.11/32", "10.64.1.0/24", "10.64.2.0/25")))
    assert built("rtr-fjellheim").tunnel.local_networks == expected
    assert intent.prefixes(dossier(INVENTORY, "rtr-fjellheim")) == expected
    assert intent.prefixes(dossier(INVENTORY, "hub-oslo")) == tuple(map(IPv4Network, ("10.250.0.1/32", "10.0.0.0/8")))


def test_a_bootstrap_has_lines_tunnel_and_management_only() -> None:
    bare, whole = built("rtr-fjellheim", bootstrap=True), built("rtr-fjellheim")
    assert (bare.segments, bare.probes, bare.pac) == ((), (), None)
    assert bare.tunnel.local_networks == (IPv4Network("10.250.0.11/32"),)
    assert (bare.lines, bare.management_networks) == (whole.lines, whole.management_networks)


def test_shares_are_percentages_of_the_preferred_lines_rates() -> None:
    site = built("rtr-fjellheim")
    assert [line.name for line in site.lines] == ["wan0", "wan1"]
    assert (site.up_kbit, site.down_kbit) == (20_000, 100_000)
    assert [(s.up_kbit, s.down_kbit) for s in site.segments] == [(12_000, 60_000), (8_000, 40_000)]


@pytest.mark.parametrize(
    ("prefix", "first", "last"),
    [
        ("10.64.1.0/24", "10.64.1.16", "10.64.1.254"),
        ("10.64.1.0/28", "10.64.1.2", "10.64.1.14"),
        ("10.64.1.0/30", "10.64.1.2", "10.64.1.2"),
        ("10.64.0.0/22", "10.64.0.64", "10.64.3.254"),
    ],
)
def test_dhcp_keeps_a_sixteenth_free_for_fixed_equipment_and_never_lends_the_gateway(
    prefix: str, first: str, last: str
) -> None:
    segment = SHARED.segments[0].model_copy(update={"prefix": IPv4Network(prefix)})
    inventory = INVENTORY.model_copy(update={"sites": (SHARED.model_copy(update={"segments": (segment,)}),)})
    lent = built("rtr-fjellheim", inventory=inventory).segments[0]
    assert (str(lent.dhcp_first), str(lent.dhcp_last)) == (first, last)
    assert lent.dhcp_first > lent.gateway


def test_without_blocks_a_segment_needs_no_rules() -> None:
    assert built("rtr-fjellheim").segments[0].rules == ()


def test_block_everything_leaves_the_services_that_were_ordered() -> None:
    rules = built("rtr-lavvo").segments[0].rules
    assert [rule.verdict for rule in rules] == ["accept"] * 5 + ["drop"]
    assert rules[-1].flow.to == CLOSED.segments[0].blocks[0].to


def test_a_block_of_a_services_own_address_beats_the_service() -> None:
    rules = built("rtr-fjellheim").segments[1].rules
    assert (rules[0].verdict, str(rules[0].flow.to)) == ("drop", "10.255.0.40/32")


def test_each_segment_probes_what_it_has_ordered_from_its_own_address() -> None:
    probes = [(p.service, p.kind, p.segment) for p in built("rtr-fjellheim").probes]
    assert probes == [
        ("internet", "http_proxy", "legekontor"),
        ("internet", "pac", "legekontor"),
        ("dns", "dns", "legekontor"),
        ("ntp", "ntp", "legekontor"),
        ("portal", "http", "legekontor"),
        ("internet", "http_proxy", "fysioterapi"),
        ("internet", "pac", "fysioterapi"),
        ("dns", "dns", "fysioterapi"),
        ("ntp", "ntp", "fysioterapi"),
    ]
    assert {p.source for p in built("rtr-fjellheim").probes} == {IPv4Address("10.64.1.1"), IPv4Address("10.64.2.1")}


def test_proxies_are_where_the_internet_service_sends_its_flows() -> None:
    pac = built("rtr-fjellheim").pac
    assert pac is not None
    assert pac.answer == "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128"


def test_two_services_that_contradict_each_other_in_flex_pac_are_refused() -> None:
    rules = (
        PacRule(match="host", value="a.example", via="direct"),
        PacRule(match="host", value="a.example", via="proxy"),
    )
    with pytest.raises(InvalidInputError, match=r"direct and proxy for 'a\.example'"):
        built("rtr-fjellheim", catalogue=with_rules(*rules))


def test_a_service_that_sends_the_internet_direct_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="only `via: proxy`"):
        built("rtr-fjellheim", catalogue=with_rules(PacRule(match="internet", via="direct")))


def test_a_row_cannot_send_the_installations_own_domains_by_proxy() -> None:
    rule = PacRule(match="suffix", value="nhn.example", via="proxy")
    with pytest.raises(InvalidInputError, match=r"direct and proxy for 'nhn\.example'"):
        built("rtr-fjellheim", catalogue=with_rules(rule))


def test_a_proxy_with_a_name_is_told_apart_by_the_port_of_the_flow_to_it() -> None:
    rule = PacRule(match="host", value="bank.example", via="proxy", proxy="web")
    flow = Flow(to="web", protocol="tcp", ports=(8080,))
    portal = CATALOGUE["portal"].model_copy(update={"pac": (rule,), "flows": (flow,)})
    pac = built("rtr-fjellheim", catalogue=CATALOGUE | {"portal": portal}).pac
    assert pac is not None
    assert PacRuleIntent("host", "bank.example", "PROXY 10.255.0.40:8080") in pac.rules


def test_a_routers_flex_pac_must_satisfy_the_tables_of_all_that_is_ordered_on_it() -> None:
    tests = {
        "internet": PacTest(url="http://www.example.com/", via="proxy"),
        "portal": PacTest(url="http://partner.example/", via="direct"),
    }
    catalogue = CATALOGUE | {key: CATALOGUE[key].model_copy(update={"pac_tests": (tests[key],)}) for key in tests}
    pac = built("rtr-fjellheim", catalogue=catalogue).pac
    assert pac is not None
    assert pac.cases == (
        PacCase("internet", "http://www.example.com/", "PROXY 10.255.0.30:3128; PROXY 10.255.0.31:3128"),
        PacCase("portal", "http://partner.example/", "DIRECT"),
    )
    assert intent.ordered(dossier(INVENTORY, "rtr-fjellheim"), catalogue) == ("internet", "dns", "ntp", "portal")


def test_a_segment_without_the_internet_has_its_flex_pac_probed_all_the_same() -> None:
    segment = SHARED.segments[0].model_copy(update={"services": ("dns", "portal")})
    inventory = INVENTORY.model_copy(update={"sites": (SHARED.model_copy(update={"segments": (segment,)}),)})
    probes = [(p.service, p.kind) for p in built("rtr-fjellheim", inventory=inventory).probes]
    assert probes == [("dns", "dns"), ("portal", "http"), ("portal", "pac")]


def test_an_unknown_router_is_answered_with_the_name_that_was_meant() -> None:
    with pytest.raises(NotFoundError, match="Did you mean 'rtr-fjellheim'"):
        built("rtr-fjelheim")


def test_a_service_that_is_not_in_the_catalogue_is_named() -> None:
    with pytest.raises(NotFoundError, match="There is no service 'portal'"):
        built("rtr-fjellheim", catalogue={key: row for key, row in CATALOGUE.items() if key != "portal"})

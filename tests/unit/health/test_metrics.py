"""What Prometheus reads: parsed with its own parser, checked against the fleet."""

import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from linjevakt.health.metrics import Metrics
from linjevakt.model.census import Census, OpenOrder, RouterFacts
from linjevakt.model.change import PushState
from linjevakt.model.health import DuplicateHealth, Health, LineHealth, ProbeHealth, transition
from linjevakt.model.record import ShutOut, Standing

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINES = (
    LineHealth("wan0", "own_isp", "up", in_use=True, rtt_ms=1.25, changes=3, address="198.51.100.2"),
    LineHealth("wan1", "mobile", "down", in_use=False, rtt_ms=None, changes=1, address=""),
    LineHealth("wan2", "mobile", "unknown", in_use=False, rtt_ms=None, changes=0, address=""),
)
PROBES = (
    ProbeHealth("dns", "legekontor", "failed", NOON, 12.0, "no answer", "dns"),
    ProbeHealth("ntp", "legekontor", "unknown", None, 0.0, "not run yet", "ntp"),
    ProbeHealth("internet", "legekontor", "ok", NOON, 30.0, "200", "http_proxy"),
    ProbeHealth("internet", "legekontor", "failed", NOON, 2.0, "no file", "pac"),
)
FLEET = (
    Health(
        "hub",
        NOON,
        reachable=True,
        agent_version="0.1.0",
        config_state="pending",
        has_tunnel=False,
        duplicates=tuple(DuplicateHealth("rtr-x", f"192.0.2.{place}", 3, NOON, NOON) for place in (1, 2)),
    ),
    Health(
        "rtr-a",
        NOON,
        reachable=True,
        agent_version="0.1.0",
        config_state="confirmed",
        config_hash="c0ffee",
        clock=NOON - timedelta(hours=2),
        certificate_expires=NOON,
        drift="nftables.conf: -accept",
        tunnel_up=True,
        lines=LINES,
        probes=PROBES,
    ),
    Health("rtr-b", NOON - timedelta(minutes=5), reachable=False),
    Health("rtr-c", NOON, reachable=True, config_state="confirmed", storage="read-only"),
    Health("rtr-gone", NOON - timedelta(days=400), reachable=True, lines=LINES, probes=PROBES),
)
CENSUS = Census(
    NOON + timedelta(seconds=30),
    (
        RouterFacts("hub", "hub", "", "hub", ()),
        RouterFacts("rtr-a", "site", "a", "hub", (("wan0", "own_isp", "Telia"), ("wan1", "mobile", "NHN"))),
        RouterFacts("rtr-b", "site", "b", "hub", ()),
        RouterFacts("rtr-c", "site", "c", "hub", ()),
        RouterFacts("rtr-d", "site", "d", "hub", ()),
    ),
    frozenset({"hub", "rtr-a", "rtr-b", "rtr-c", "rtr-d"}),
    {"rtr-a": "beef", "hub": "beef"},
    (OpenOrder(7, "new_site", "a", NOON), OpenOrder(8, "new_site", "b", None)),
)


STANDING = Standing({"rtr-b": ShutOut("rtr-b", NOON, ("hub",))}, {"hub": 2, "hub-b": 0})


PUSHES = {PushState.CONFIRMED: 7, PushState.RUNNING: 1}


@pytest.fixture
def samples() -> dict[tuple[str, frozenset[str]], float]:
    """Name and label values -> value."""
    metrics = Metrics(lambda: FLEET, lambda: PUSHES, lambda: STANDING, lambda: CENSUS)
    metrics.observe_poll(0.3)
    text = metrics.scraped().decode()
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation for family in families)
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        (("linjevakt_storage_writable", "rtr-a"), 1),
        (("linjevakt_storage_writable", "rtr-c"), 0),
        (("linjevakt_router_up", "rtr-a"), 1),
        (("linjevakt_router_up", "rtr-b"), 0),
        (("linjevakt_poll_timestamp_seconds", "rtr-a"), NOON.timestamp()),
        (("linjevakt_tunnel_up", "rtr-a"), 1),
        (("linjevakt_config_pending", "hub"), 1),
        (("linjevakt_config_drift", "hub"), 0),
        (("linjevakt_config_drift", "rtr-a"), 1),
        (("linjevakt_certificate_expiry_timestamp_seconds", "rtr-a"), NOON.timestamp()),
        (("linjevakt_line_up", "rtr-a", "wan0", "own_isp"), 1),
        (("linjevakt_line_up", "rtr-a", "wan1", "mobile"), 0),
        (("linjevakt_line_in_use", "rtr-a", "wan0", "own_isp"), 1),
        (("linjevakt_line_rtt_seconds", "rtr-a", "wan0", "own_isp"), 0.00125),
        (("linjevakt_line_changes_total", "rtr-a", "wan0", "own_isp"), 3),
        (("linjevakt_probe_ok", "rtr-a", "dns", "legekontor"), 0),
        (("linjevakt_probe_ok", "rtr-a", "internet", "http_proxy", "legekontor"), 1),
        (("linjevakt_probe_ok", "rtr-a", "internet", "pac", "legekontor"), 0),
        (("linjevakt_probe_duration_seconds", "rtr-a", "dns", "legekontor"), 0.012),
        (("linjevakt_router_info", "rtr-a", "site", "a", "hub"), 1),
        (("linjevakt_router_info", "hub", ""), 1),
        (("linjevakt_line_info", "rtr-a", "wan0", "own_isp", "Telia"), 1),
        (("linjevakt_clock_behind_seconds", "rtr-a"), 7200),
        (("linjevakt_poll_lag_seconds",), 330),
        (("linjevakt_routers_never_polled",), 1),
        (("linjevakt_orders_open", "new_site"), 2),
        (("linjevakt_order_trouble_timestamp_seconds", "7", "new_site", "a"), NOON.timestamp()),
        (("linjevakt_router_shut_out", "rtr-b"), 1),
        (("linjevakt_router_shut_out_not_in_force", "rtr-b", "hub"), 1),
        (("linjevakt_revoked_not_in_force", "hub"), 2),
        (("linjevakt_revoked_not_in_force", "hub-b"), 0),
        (("linjevakt_pushes_total", "confirmed"), 7),
        (("linjevakt_pushes_total", "reverted"), 0),
        (("linjevakt_pushes_running",), 1),
        (("linjevakt_poll_duration_seconds_count",), 1),
        (("linjevakt_poll_duration_seconds_sum",), 0.3),
    ],
)
def test_a_metric_has_its_value(
    samples: dict[tuple[str, frozenset[str]], float], sample: tuple[str, ...], value: float
) -> None:
    name, *labels = sample
    assert samples[name, frozenset(labels)] == value


@pytest.mark.parametrize(
    "sample",
    [
        ("linjevakt_tunnel_up", "rtr-b"),
        ("linjevakt_tunnel_up", "hub"),
        ("linjevakt_router_shut_out", "rtr-a"),
        ("linjevakt_line_up", "rtr-a", "wan2", "mobile"),
        ("linjevakt_line_rtt_seconds", "rtr-a", "wan1", "mobile"),
        ("linjevakt_probe_ok", "rtr-a", "ntp", "legekontor"),
        ("linjevakt_certificate_expiry_timestamp_seconds", "hub"),
        ("linjevakt_clock_behind_seconds", "hub"),
        ("linjevakt_config_drift", "rtr-b"),
        ("linjevakt_order_trouble_timestamp_seconds", "8", "new_site", "b"),
    ],
)
def test_what_is_not_known_is_absent_and_not_zero(
    samples: dict[tuple[str, frozenset[str]], float], sample: tuple[str, ...]
) -> None:
    name, *labels = sample
    assert (name, frozenset(labels)) not in samples


def test_a_key_in_foreign_hands_is_counted_by_the_router_whose_it_is(
    samples: dict[tuple[str, frozenset[str]], float],
) -> None:
    assert samples["linjevakt_duplicate_peers", frozenset({"hub", "rtr-x"})] == 2


# --- what makes Prometheus refuse or forget ---


def page(*healths: Health) -> str:
    """What is scraped of these routers, all of the inventory."""
    there = tuple(RouterFacts(name, "site", name, "hub", ()) for name in {health.router for health in healths})

    census = replace(CENSUS, routers=there)
    metrics = Metrics(lambda: healths, lambda: PUSHES, lambda: STANDING, lambda: census)
    return metrics.scraped().decode()


def twice(text: str) -> list[str]:
    """The series that stand there more than once."""
    series = Counter(line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#"))
    return [name for name, number in series.items() if number > 1]


def test_no_series_stands_there_twice_whatever_a_router_says() -> None:
    said_twice = replace(FLEET[1], lines=LINES + LINES, probes=PROBES + PROBES)
    assert twice(page(*FLEET[:1], said_twice)) == []


def test_one_of_two_probes_of_a_service_that_fails_is_a_change() -> None:
    before = replace(FLEET[1], probes=tuple(replace(probe, result="ok") for probe in PROBES))
    change = transition(
        before, replace(before, probes=(*before.probes[:2], replace(before.probes[2], result="failed")))
    )
    assert change is not None
    assert change.changes["probe internet/legekontor (http_proxy)"] == ("ok", "failed")


def test_a_router_that_has_left_the_inventory_is_not_told_of(samples: dict[tuple[str, frozenset[str]], float]) -> None:
    assert [name for name, labels in samples if "rtr-gone" in labels] == []


def test_a_stolen_box_whose_router_has_left_the_inventory_leaves_no_series_behind() -> None:
    gone = Standing({"rtr-gone": ShutOut("rtr-gone", NOON, ("hub",))}, {"hub": 1})
    text = Metrics(lambda: FLEET, lambda: PUSHES, lambda: gone, lambda: CENSUS).scraped().decode()
    assert "rtr-gone" not in text
    assert 'linjevakt_revoked_not_in_force{router="hub"} 1.0' in text


def test_a_scrape_follows_the_inventory_from_one_to_the_next() -> None:
    there = [CENSUS, replace(CENSUS, routers=CENSUS.routers[:2])]
    metrics = Metrics(lambda: FLEET, lambda: PUSHES, lambda: STANDING, lambda: there[0])
    assert 'site="b"' in metrics.scraped().decode()
    there.pop(0)
    assert "rtr-b" not in metrics.scraped().decode().replace("router_shut_out", "")


@pytest.mark.process
def test_promtool_finds_nothing_to_say() -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=page(*FLEET), capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")

"""`linjevakt site`, `address`, `stock`, `history`, `impact`: what is, what was, and whom a failure hits."""

from datetime import timedelta

import pytest
from tests.registers import save_inventory
from tests.unit.cli.conftest import OWNER, SHARER, Shell
from tests.unit.workorders.conftest import Clock

from linjevakt.store import Store


def cancel_internet(run: Shell) -> None:
    """Order 1, whose change takes effect at once."""
    wish = ["site=solbakken", "segment=apotek", "service=internet", "notice=2026-11-23"]
    run("order", "new", "cancel_service", *(word for value in wish for word in ("--set", value)), "--reason", "unused")
    run("order", "run", 1, "--early")


def test_sites_are_listed_with_owner_order_and_open_segments(run: Shell) -> None:
    cancel_internet(run)
    rows = {row["site"]: row for row in run.json("site", "list")}
    assert (rows["fjellheim"]["open"], rows["fjellheim"]["segments"], rows["fjellheim"]["state"]) == (2, 2, "unknown")
    assert [row["site"] for row in run.json("site", "list", "--owner", "solb")] == ["solbakken"]
    assert [row["site"] for row in run.json("site", "list", "--owner", OWNER)] == ["fjellheim"]
    assert run.json("site", "list", "--state", "down") == []
    assert "Did you mean 'down'?" in run("site", "list", "--state", "dwon", code=2).stderr
    assert "2 of 2" in run("site", "list").stdout


def test_a_site_is_shown_as_it_was_on_a_day(run: Shell, clock: Clock) -> None:
    clock.move(timedelta(days=3))
    cancel_internet(run)
    then, now = (run.json("site", "show", "solbakken", *when) for when in (["--as-of", "2026-11-24"], []))
    assert then["segments"][0]["services"] == ["internet", "dns", "ntp"]
    assert now["segments"][0]["services"] == ["dns", "ntp"]
    assert run.json("site", "show", "solbakken", "--as-of", "2026-11-26") == now, "the end of the day"
    assert "last changed 2026-11-26 10:00" in run("site", "show", "solbakken").stdout
    assert "Did you mean 'solbakken'?" in run("site", "show", "solbaken", code=2).stderr
    assert "Nothing was registered yet" in run("site", "show", "solbakken", "--as-of", "2026-11-22", code=2).stderr
    assert "is no day or moment" in run("site", "show", "solbakken", "--as-of", "yesterday", code=2).stderr


def test_pools_tell_what_is_in_use_in_quarantine_and_left(run: Shell) -> None:
    wish = ["site=solbakken", "segment.name=ny", f"segment.organisation={OWNER}", "segment.port=lan1"]
    wish += ["segment.share=1", "shares.apotek=99"]
    run("order", "new", "share", *(word for value in wish for word in ("--set", value)))
    pools = {row["pool"]: row for row in run.json("address", "pools")}
    assert (pools["sites"]["in_use"], pools["sites"]["quarantine"], pools["sites"]["left"]) == (1, 0, 255)
    assert pools["(management)"]["left"] == 65536 - 2 - 1 - 2
    run("order", "cancel", 1, "--reason", "no")
    pools = {row["pool"]: row for row in run.json("address", "pools")}
    assert (pools["sites"]["in_use"], pools["sites"]["quarantine"], pools["sites"]["left"]) == (0, 1, 255)


def test_who_had_an_address_on_a_day_is_told(run: Shell, store: Store, clock: Clock) -> None:
    clock.move(timedelta(days=2))
    inventory = store.inventory()
    save_inventory(store, inventory.model_copy(update={"sites": inventory.sites[:1]}), "kari")
    clock.move(timedelta(days=2))
    (lease,) = run.json("address", "who", "10.64.3.7")
    assert (lease["site"], lease["name"], lease["until"]) == ("solbakken", "apotek", "2026-11-25T09:00:00+00:00")
    assert "2026-11-25 10:00" in run("address", "who", "10.64.3.7", "--on", "2026-11-25").stdout
    assert run.json("address", "who", "10.64.3.7", "--on", "2026-11-26") == []
    assert run.json("address", "who", "10.64.3.7", "--on", "2026-11-25T10:00") == []
    assert len(run.json("address", "who", "10.64.3.7", "--on", "2026-11-25T09:59")) == 1
    assert run("address", "who", "192.0.2.1").stdout == "nobody\n"
    assert "is no IPv4 address" in run("address", "who", "10.64.3.300", code=2).stderr
    assert {lease["site"] for lease in run.json("address", "list")} == {"fjellheim"}
    assert len(run.json("address", "list", "--site", "fjellheim")) == 3
    assert "Did you mean 'fjellheim'?" in run("address", "list", "--site", "fjelheim", code=2).stderr


def test_boxes_are_added_and_moved_only_where_a_box_can_go(run: Shell) -> None:
    run("stock", "add", "LV-200", "--model", "Test 2", "--note", "[spare] box")
    assert "is there already" in run("stock", "add", "LV-200", "--model", "Test 2", code=1).stderr
    assert "Did you mean 'linux'?" in run("stock", "add", "LV-201", "--model", "X", "--platform", "linx", code=2).stderr
    assert "serial: is empty" in run("stock", "add", "", "--model", "X", code=2).stderr
    refused = run("stock", "move", "LV-200", "installed", code=1).stderr
    assert "LV-200 is stock; from there it can become: lost, staged" in refused
    assert run("stock", "move", "LV-200", "lost", "--note", "in the post").stdout == "LV-200 (Test 2): lost\n"
    assert "Did you mean 'LV-200'?" in run("stock", "move", "LV-20", "lost", code=2).stderr
    wrong = run("stock", "move", "LV-100", "staged", "--router", "rtr-fjelheim", code=2).stderr
    assert "Did you mean 'rtr-fjellheim'?" in wrong
    run("stock", "move", "LV-100", "staged", "--router", "rtr-fjellheim")
    assert [box["serial"] for box in run.json("stock", "list", "--state", "stock")] == ["LV-101", "LV-102"]
    assert "in the post" in run("stock", "list").stdout


def test_history_tells_who_changed_what_under_which_order(run: Shell) -> None:
    cancel_internet(run)
    shown = run("history", "site", "solbakken", "--limit", "1").stdout
    assert "linjevakt, order 1: Enter the service in the register" in shown
    assert "    segments[0].services[0]: internet -> dns\n" in shown
    both = run.json("history", "--order", 1)
    assert {row["kind"] for row in both} == {"site", "order"}
    assert both[-1]["why"] == "unused"
    assert [row["order"] for row in run.json("history", "site", "solbakken")] == [1, None]
    new = run.json("history", "site", "solbakken")[-1]["changes"]
    assert {"field": "site.key", "before": None, "after": "solbakken"} in new


def test_history_tells_of_what_is_gone_and_of_the_installation(run: Shell, store: Store) -> None:
    inventory = store.inventory()
    save_inventory(store, inventory.model_copy(update={"sites": inventory.sites[:1]}), "kari", "sold")
    assert "kari: sold\n  site solbakken: removed\n" in run("history", "site", "solbakken").stdout
    assert run.json("history", "site", "solbakken")[0]["removed"] is True
    assert run.json("history", "installation")[0]["kind"] == "installation"
    assert "Did you mean 'fjellheim'?" in run("history", "site", "fjelheim", code=2).stderr
    assert "Say of what" in run("history", code=2).stderr


@pytest.mark.parametrize(
    ("what", "name", "sites"),
    [
        ("router", "rtr-fjellheim", {"fjellheim": "out"}),
        ("line", "rtr-fjellheim.wan0", {"fjellheim": "other line"}),
        ("hub", "hub-oslo", {"fjellheim": "out", "solbakken": "out"}),
        ("line", "hub-oslo.wan0", {"fjellheim": "out", "solbakken": "out"}),
        ("provider", "eksempelmobil", {"fjellheim": "other line", "solbakken": "other line"}),
        ("provider", "NHN", {"solbakken": "other line"}),
        ("provider", "Eksempelnett", {"fjellheim": "out", "solbakken": "out"}),
    ],
)
def test_a_failure_hits_sites_and_those_who_share_them(run: Shell, what: str, name: str, sites: dict[str, str]) -> None:
    assert {hit["site"]: hit["outcome"] for hit in run.json("impact", what, name)["sites"]} == sites


def test_an_impact_names_the_organisations_with_the_numbers_to_call(run: Shell) -> None:
    shown = run("impact", "router", "rtr-fjellheim").stdout
    assert "router rtr-fjellheim: 1 site out, 0 on another line; 2 organisations hit" in shown
    assert "Daglig leder, Solbakken apotek +47 99 00 00 01" in shown
    (hit,) = run.json("impact", "router", "rtr-fjellheim")["sites"]
    assert [member["number"] for member in hit["organisations"]] == [OWNER, SHARER]


def test_an_ended_connection_is_hit_by_nothing(run: Shell, store: Store) -> None:
    site = run.json("order", "new", "terminate", "--set", "site=solbakken", "--set", "notice=2026-11-23",
                    "--set", "document=brev", "--set", "membership=false")["site"]  # fmt: skip
    run("order", "run", 1, "--early")
    assert site not in {hit["site"] for hit in run.json("impact", "hub", "hub-oslo")["sites"]}
    assert store.inventory().sites[1].ended is not None


@pytest.mark.parametrize(
    ("what", "name", "message"),
    [
        ("router", "rtr-fjelheim", "Did you mean 'rtr-fjellheim'?"),
        ("line", "rtr-fjellheim.wan2", "Did you mean 'rtr-fjellheim.wan"),
        ("hub", "rtr-fjellheim", "There are: hub-oslo."),
        ("provider", "Eksempelmobi", "Did you mean 'Eksempelmobil'?"),
    ],
)
def test_an_unknown_name_is_answered_with_what_was_meant(run: Shell, what: str, name: str, message: str) -> None:
    assert message in run("impact", what, name, code=2).stderr

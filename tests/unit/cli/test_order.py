"""`linjevakt order`: an engineer's, a clerk's and a technician's way through the orders."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.cli.conftest import OWNER, SHARER, Shell
from tests.unit.workorders.field import FakeField

from linjevakt.cli.words import word
from linjevakt.model.entity import Author
from linjevakt.model.errors import BusyError
from linjevakt.model.order import PARTIES, OrderState, Party
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.step import Home

NEW_SITE = f"""\
owner: "{OWNER}"
site:
  key: nygata
  name: Nygata legekontor
  street: Nygata 4
  postcode: 0155
  city: Oslo
  municipality: Oslo
  floor: "1"
  room: "11"
lines:
  - {{name: wan0, kind: own_isp, provider: Nyfiber}}
  - {{name: wan1, kind: mobile, provider: Eksempelmobil, priority: 2}}
segments:
  - {{name: kontor, organisation: "{OWNER}", port: lan0}}
"""
MOVE = [
    "site=fjellheim",
    "place.street=Nygata 4",
    "place.postcode=0155",
    "place.city=Oslo",
    "place.municipality=Oslo",
    "place.floor=1",
    "place.room=11",
    "lines[0].name=wan0",
    "lines[0].kind=own_isp",
    "lines[0].provider=Nyfiber",
    "lines[0].fault_phone=990 00 900",
]
SUBSCRIPTION = ["business=yes", "document=bekreftelse 17"]
SURVEY = ["locked=yes", "ventilation=yes", "power=yes", "coverage=yes", "coverage_dbm=-87"]
Written = Callable[[str], Path]


def wishes(values: list[str]) -> list[str]:
    return [word for value in values for word in ("--set", value)]


def moving(run: Shell) -> int:
    """A relocation whose router is on its way."""
    number: int = run.json("order", "new", "relocation", *wishes(MOVE))["number"]
    for answers in (SUBSCRIPTION, SURVEY, []):
        run("order", "advance", number, *answers)
    return number


def test_a_new_site_goes_from_a_file_to_a_proven_router(
    run: Shell, written: Written, tmp_path: Path, field: FakeField
) -> None:
    taken = run("order", "new", "new_site", "--file", written(NEW_SITE), "--reason", "they grow")
    assert "Order 1 taken: New site, nygata" in taken.stdout
    assert "set aside  10.96.0.0/24 for kontor" in taken.stdout
    assert "linjevakt order advance 1 --step subscription business=yes document=TEXT" in taken.stdout
    run("order", "advance", 1, *SUBSCRIPTION)
    staging = run("order", "advance", 1, *SURVEY)
    assert "done record, Enter the site in the register" in staging.stdout
    assert "record: Enter the site in the register" in staging.stderr
    assert "then     linjevakt order stage 1 --identity FILE" in staging.stdout
    box = tmp_path / "identity.json"
    box.write_text(json.dumps(claim("LV-100")), encoding="utf-8")
    staged = run("order", "stage", 1, "--identity", box)
    assert staged.stdout.startswith("#")
    assert "pin: The router gets its identity" in staged.stderr
    assert field.boxes == {"rtr-nygata": "LV-100"}
    run("order", "advance", 1, "tracking=370438101234567890")
    ended = run("order", "advance", 1, "--who", "tekniker Nora")
    assert "done push, Configure the router and prove it, every line (after " in ended.stdout
    assert ended.stdout.endswith("Order 1 is done.\n")


def test_the_bootstrap_goes_to_a_file_that_only_its_owner_reads_and_stdin_may_name_the_box(
    run: Shell, written: Written, tmp_path: Path
) -> None:
    run("order", "new", "new_site", "--file", written(NEW_SITE))
    run("order", "advance", 1, *SUBSCRIPTION)
    run("order", "advance", 1, *SURVEY)
    out = tmp_path / "away" / "boot.conf"
    run("order", "stage", 1, "--identity", "-", "--out", out, stdin=json.dumps(claim("LV-100")), code=2)
    assert run.json("order", "show", 1)["step"] == "stage", "what cannot be written is not staged"
    out.parent.mkdir()
    run("order", "stage", 1, "--identity", "-", "--out", out, stdin=json.dumps(claim("LV-100")))
    assert out.stat().st_mode & 0o777 == 0o600
    assert "network.toml" in out.read_text(encoding="utf-8")


def test_a_mistake_in_the_file_is_told_with_its_line_and_what_was_meant(run: Shell, written: Written) -> None:
    file = written(NEW_SITE.replace("postcode: 0155", "postcode: 155").replace("floor:", "flor:"))
    found = run("order", "new", "new_site", "--file", file, code=2)
    assert f"{file}:6: site.postcode: '155' is no postcode. Write its 4 digits" in found.stderr
    assert f"{file}:9: site.flor: is not a field here. Did you mean 'floor'?" in found.stderr
    assert run.json("order", "list") == []


def test_a_mistake_in_an_argument_is_told_with_the_argument(run: Shell) -> None:
    found = run("order", "new", "relocation", *wishes([*MOVE, "place.steet=x", "lines[0].priority=0"]), code=2)
    assert "argument place.steet=: place.steet: is not a field here. Did you mean 'street'?" in found.stderr
    assert "argument lines[0].priority=: lines[0].priority: '0' must be at least 1" in found.stderr


def test_a_field_that_no_argument_gives_is_told_as_it_has_to_be_typed(run: Shell) -> None:
    """`street=VALUE`, as was told once, is refused in its turn."""
    found = run("order", "new", "relocation", *wishes([one for one in MOVE if "street" not in one]), code=2)
    assert "arguments: place.street: is missing. Add place.street=VALUE" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["relocatoin", "--set", "site=x"], "Did you mean 'relocation'?"),
        (["relocation"], "linjevakt order kinds relocation"),
        (
            [
                "share",
                *wishes(["site=solbakken", "segment.name=ny", f"segment.organisation={OWNER}", "segment.port=lan1"]),
                *wishes(["segment.share=20", "shares.apotk=80"]),
            ],
            "There is no segment apotk of `shares`; there are: apotek.",
        ),
        (["relocation", "--set", "site"], "Write field=value"),
        (["relocation", "--set", "lines[1].name=wan0"], "rows are counted from [0]"),
        (["relocation", "--set", "lines=[{name: wan0"], "is not YAML"),
        (["reopen", "--set", f"organisation={OWNER}"], "is not frozen"),
        (["reopen", "--set", f"organisation={OWNER}", "--who", "x" * 101], "at most 100"),
    ],
)
def test_an_order_that_cannot_be_says_why(run: Shell, arguments: list[str], message: str) -> None:
    assert message in run("order", "new", *arguments, code=2).stderr
    assert run.json("order", "list", "--all") == []


def test_a_check_takes_nothing(run: Shell, written: Written, store: Store) -> None:
    before = store.revision()
    told = run("order", "new", "new_site", "--file", written(NEW_SITE), "--check")
    assert "Order 1 can be taken: New site, nygata" in told.stdout
    assert "10.96.0.0/24" in told.stdout
    assert (run.json("order", "list"), store.revision()) == ([], before)
    assert [lease["site"] for lease in run.json("address", "who", "10.96.0.0/16")] == []
    assert run.json("order", "new", "new_site", "--file", written(NEW_SITE), "--check")["taken"] is False
    assert run.json("order", "new", "new_site", "--file", written(NEW_SITE))["taken"] is True


def test_every_kind_tells_its_fields_and_steps(run: Shell) -> None:
    listed = run.json("order", "kinds")
    assert [row["kind"] for row in listed] == list(KINDS)
    for row in listed:
        assert [step["key"] for step in row["steps"]] == [step.key for step in KINDS[row["kind"]].steps]
        assert {field["path"].split(".")[0].removesuffix("[]") for field in row["fields"]} == set(
            KINDS[row["kind"]].wish.model_fields
        )


def test_a_kinds_fields_have_types_and_defaults(run: Shell) -> None:
    told = run.json("order", "kinds", "new_site")
    fields = {(row["path"], row["type"]): (row["required"], row["default"]) for row in told["fields"]}
    assert fields[("owner", "organisation number")] == (True, None)
    assert fields[("lines[].kind", "own_isp | nhn_delivered | mobile")] == (True, None)
    assert fields[("lines[].addressing.address", "address/length")] == (True, None)
    assert fields[("segments[].share", "number 1-100")] == (False, 100)
    assert fields[("segments[].services[]", "key")] == (False, ["internet", "dns", "ntp"])
    shown = run("order", "kinds", "relocation").stdout
    assert "moment, as 2026-01-31T22:00+01:00" in shown
    assert "survey" in shown
    assert "Did you mean 'share'?" in run("order", "kinds", "shar", code=2).stderr


def test_the_list_says_what_is_next_by_whom_and_what_it_waits_for(run: Shell, field: FakeField) -> None:
    number = moving(run)
    field.away = {"rtr-fjellheim"}
    run("order", "advance", number, code=1)
    run("order", "new", "exclude", "--set", f"organisation={SHARER}", "--set", "reason=certificate")
    assert "fjellheim" in run("order", "list").stdout
    assert "trouble: rtr-fjellheim does not answer" in run("order", "list", "--kind", "relocation").stdout
    assert [row["number"] for row in run.json("order", "list")] == [2, 1]
    assert [row["number"] for row in run.json("order", "list", "--mine", "engineer")] == [2]
    assert run("order", "list", "--site", "solbakken").stdout == "no order\n"


def test_an_order_is_shown_as_a_checklist_beside_what_the_site_is_to_become(run: Shell) -> None:
    run("order", "new", "relocation", *wishes(MOVE), "--who", "Nora")
    shown = run("order", "show", 1, "--lang", "nb").stdout
    assert "Ordre 1: Flytting, fjellheim (åpen)" in shown
    assert "(recorded by " in shown
    assert "sted       Fjellheim legekontor, Nygata 4, 0155 Oslo; etasje: 1, rom: 11" in shown
    assert "kontakt    Daglig leder, Fjellheim legekontor +47 99 00 00 01" in shown
    assert "neste   subscription  medlem      Bestill linjen hos egen leverandør" in shown
    assert "spør om  business: Er det et bedriftsabonnement?" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["site.street", "Storgata", "1", "Nygata", "4"] in rows
    assert ["lines[0].provider", "Eksempelnett", "Nyfiber"] in rows
    changes = {row["field"]: (row["today"], row["planned"]) for row in run.json("order", "show", 1)["changes"]}
    assert changes["site.street"] == ("Storgata 1", "Nygata 4")


def test_what_is_lacking_is_told_sentence_by_sentence_in_both_languages(run: Shell, desk: Desk) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim("LV-7"))
    run("order", "new", "replace_router", "--set", "site=solbakken")
    run("order", "stage", 1, "--identity", "-", stdin=json.dumps(claim("LV-100")))
    run("order", "advance", 1, "tracking=1")
    run("order", "advance", 1)
    late = run("order", "advance", 1, "serial=LV-101", "condition=good", code=3)
    assert late.stderr == "Error: Order 1, step returned: not yet.\n  LV-7 is to be returned, not LV-101.\n"
    late = run("order", "advance", 1, "serial=LV-101", "condition=good", "--lang", "nb", code=3)
    assert late.stderr.endswith(": ikke ennå.\n  Det er LV-7 som skal tilbake, ikke LV-101.\n")
    told = run.json("order", "advance", 1, "serial=LV-101", "condition=good", code=3)
    assert told["lacking"] == [
        {"nb": "Det er LV-7 som skal tilbake, ikke LV-101.", "en": "LV-7 is to be returned, not LV-101."}
    ]


def test_trouble_says_which_line_and_whom_to_call_and_ends_with_an_exit_code(run: Shell, field: FakeField) -> None:
    number = moving(run)
    field.lines_down = {"wan0"}
    result = run("order", "advance", number, code=1)
    assert "line: wan0 is down. Call Nettleverandør 990 00 900" in result.stdout
    assert "Trouble since 2026-11-23 10:00:" in run("order", "show", number).stdout
    assert "wan0 is down" in run("order", "run", number, code=1).stdout, "the same trouble again is told again"
    shown = run("order", "show", number, "--lang", "nb").stdout
    assert "Feil siden 2026-11-23 10:00: rtr-fjellheim virker, men ikke på hver linje" in shown
    assert "wan0 er nede. Ring Nettleverandør 990 00 900" in shown
    assert "feil: rtr-fjellheim virker" in run("order", "list", "--lang", "nb").stdout
    field.lines_down = set()
    assert (
        "neste er register, Må Adresseregisteret endres? (medlem)" in run("order", "run", number, "--lang", "nb").stdout
    )


def test_every_party_and_state_has_a_norwegian_word() -> None:
    assert {name.said("nb") for name in PARTIES.values()}.isdisjoint(Party)
    assert set(PARTIES) == set(Party)
    for english in (*OrderState, "next", "later"):
        assert word(english).said("nb") != word(english) == english


def test_the_language_may_be_set_once_for_all(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINJEVAKT_LANG", "nb")
    assert run("order", "list").stdout == "ingen ordre\n"
    monkeypatch.setenv("LINJEVAKT_LANG", "nn")
    assert "LINJEVAKT_LANG" in run("order", "list", code=2).stderr


def test_the_systems_steps_may_be_left_for_later(run: Shell, field: FakeField) -> None:
    number = run.json("order", "new", "relocation", *wishes(MOVE))["number"]
    run("order", "advance", number, *SUBSCRIPTION)
    told = run("order", "advance", number, *SURVEY, "--no-run", "--note", "cold cellar")
    assert field.running == {}
    assert "next is gate" in told.stdout
    assert f"then     linjevakt order run {number}" in told.stdout
    assert "cold cellar" in run("order", "show", number).stdout
    assert "next is unplug" in run("order", "run", number).stdout
    assert "rtr-fjellheim" in field.running


def test_a_step_that_another_is_doing_is_waited_for(
    run: Shell, field: FakeField, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = moving(run)
    busy = iter([True, True, False])
    home = field.home

    def taken(router: str) -> Home:
        if next(busy):
            raise BusyError("A push runs already")
        return home(router)

    monkeypatch.setattr(field, "home", taken)
    monkeypatch.setattr("linjevakt.cli.order._WAIT_S", 0)
    ended = run("order", "advance", number)
    assert "another is doing this step; waiting" in ended.stderr
    assert "next is register" in ended.stdout


def test_a_step_that_waits_for_its_time_is_done_early_when_asked_to(run: Shell) -> None:
    days = ["since=2026-12-01", "register_inactive=2026-12-01", "edi_inactive=2026-12-01"]
    run("order", "new", "freeze", *wishes([f"organisation={SHARER}", *days]))
    assert "waits    until 2026-12-01 00:00" in run("order", "run", 1).stdout
    assert run.json("order", "list")[0]["due"] == "2026-12-01"
    assert run.json("order", "run", 1, "--early")["state"] == "done"


def test_a_cancelled_order_is_taken_back_on_the_router_too(run: Shell, store: Store, field: FakeField) -> None:
    before = store.inventory().sites[0]
    number = run.json("order", "new", "relocation", *wishes(MOVE))["number"]
    for answers in (SUBSCRIPTION, SURVEY):
        run("order", "advance", number, *answers)
    field.away = {"rtr-fjellheim"}
    assert "rtr-fjellheim does not answer" in run("order", "cancel", number, "--reason", "they stay", code=1).stdout
    field.away = set()
    assert f"Order {number} is cancelled." in run("order", "run", number).stdout
    assert store.inventory().sites[0] == before
    shown = run("order", "show", number).stdout
    assert "they stay" in shown
    assert "later" not in shown


def test_an_old_order_is_shown_when_its_site_is_gone(run: Shell, store: Store) -> None:
    run("order", "new", "relocation", *wishes(MOVE))
    run("order", "cancel", 1, "--reason", "they stay")
    inventory = store.inventory()
    save_inventory(store, inventory.model_copy(update={"sites": inventory.sites[1:]}), "kari")
    assert "they stay" in run("order", "show", 1).stdout
    assert run.json("order", "list", "--all")[0]["state"] == "cancelled"


def test_an_order_whose_site_was_taken_away_hides_no_other(run: Shell, store: Store, desk: Desk) -> None:
    run("order", "new", "relocation", *wishes(MOVE))
    with store.register.edit(Author("kari")) as draft:
        draft.put(
            desk.order(1).model_copy(update={"site": "nowhere", "wish": {**desk.order(1).wish, "site": "nowhere"}})
        )
    run("order", "new", "relocation", *wishes(MOVE))
    assert [(row["number"], row["next"]) for row in run.json("order", "list")] == [(2, "subscription"), (1, None)]
    assert "(open)" in run("order", "list").stdout
    assert "There is no site 'nowhere'" in run("order", "show", 1, code=2).stderr


def test_a_wrong_answer_changes_nothing(run: Shell) -> None:
    run("order", "new", "relocation", *wishes(MOVE))
    assert "did you mean 'business'?" in run("order", "advance", 1, "busines=yes", code=2).stderr
    assert "Write name=value" in run("order", "advance", 1, "business", code=2).stderr
    assert "twice" in run("order", "advance", 1, "business=yes", "business=no", code=2).stderr
    assert "the next step is subscription, not survey" in run("order", "advance", 1, "--step", "survey", code=1).stderr
    assert "There is no order 9" in run("order", "advance", 9, code=2).stderr
    assert run.json("order", "show", 1)["evidence"] == []

"""What a clerk types for an order is taken as it is meant, and what stands there is put right, by commands."""

import json

from tests.boxes import claim
from tests.unit.cli.conftest import OWNER, SHARER, Shell
from tests.unit.cli.test_order import MOVE, SUBSCRIPTION, SURVEY, moving, wishes
from tests.unit.workorders.field import FakeField

from linjevakt.model.record import Stage
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk


def test_the_printed_command_names_its_step_and_who_types_it_second_is_told_who_was_first(run: Shell) -> None:
    number = moving(run)
    printed = run("order", "show", number).stdout
    assert f"then     linjevakt order advance {number} --step plug_in" in printed
    run("order", "advance", number, "--step", "plug_in", "--who", "Nora", "--no-run")
    second = run("order", "advance", number, "--step", "plug_in", "--who", "Ola", code=1)
    assert "plug_in was done by Nora (recorded by " in second.stderr
    assert "at 10:00; the next step is home." in second.stderr


def test_a_clerk_writes_norwegian(run: Shell) -> None:
    number = run.json("order", "new", "relocation", *wishes(MOVE))["number"]
    shown = run("order", "show", number, "--lang", "nb").stdout
    assert "--step subscription business=ja document=TEKST" in shown
    run("order", "advance", number, "business=JA", "document=bekreftelse 17")
    strong = [*(f"{name}=ja" for name in ("locked", "ventilation", "power", "coverage"))]
    wrong = run("order", "advance", number, *strong, "coverage_dbm=87", code=2)
    assert "coverage_dbm: 87 cannot be, it is -140 to -40 dBm; did you mean -87?" in wrong.stderr
    order = run.json("order", "advance", number, *strong, "coverage_dbm=\u221287,5")
    (said,) = (one["values"] for one in order["evidence"] if one["step"] == "survey")
    assert said == {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes", "coverage_dbm": "-87.5"}


def test_the_list_is_asked_for_by_a_partys_name_in_either_language(run: Shell) -> None:
    moving(run)
    for name in ("technician", "tekniker", "Tekniker"):
        assert [row["number"] for row in run.json("order", "list", "--mine", name)] == [1]
    assert "is none of: member," in run("order", "list", "--mine", "nobody", code=2).stderr.replace("\n", " ")


def test_an_answer_is_corrected_with_a_reason(run: Shell) -> None:
    number = moving(run)
    run("order", "correct", number, "--step", "survey", "coverage_dbm=-93", code=2)
    told = run("order", "correct", number, "--step", "survey", "coverage_dbm=\u221293", "--reason", "misread")
    assert told.stdout.startswith(f"Order {number}: next is plug_in")
    shown = run("order", "show", number).stdout
    assert "coverage_dbm=-87" in shown
    assert "coverage_dbm=-93; misread" in shown
    assert "misread" in run("history", "order", number).stdout


def test_an_open_order_is_amended_with_a_reason(run: Shell) -> None:
    number = run.json("order", "new", "relocation", *wishes(MOVE))["number"]
    changed = run.json("order", "amend", number, "place.room=12", "lines[0].fault_phone=", "--reason", "another room")
    assert (changed["wish"]["place"]["room"], "fault_phone" in changed["wish"]["lines"][0]) == ("12", False)
    for answers in (SUBSCRIPTION, SURVEY):
        run("order", "advance", number, *answers)
    late = run("order", "amend", number, "lines[0].down_mbit=200", "--reason", "faster", code=1)
    assert "lines[0].down_mbit was used by the step prepare (done by " in late.stderr
    wrong = run("order", "amend", number, "place.rom=12", "--reason", "why", code=2)
    assert "place.rom: is not a field here. Did you mean 'room'?" in wrong.stderr


def test_a_cancelled_order_is_a_list_of_what_is_to_be_brought_back(run: Shell) -> None:
    number = moving(run)
    told = run("order", "cancel", number, "--reason", "they stay").stdout
    assert "To bring back:\n  [ ] The line that the member ordered from Nyfiber has to be cancelled there" in told
    assert "  [ ] rtr-fjellheim goes back to Storgata 1, 0155 Oslo, 2, room 214." in told
    assert "  [ ] wan0 skal tilbake på linjen fra Eksempelnett." in run("order", "show", number, "--lang", "nb").stdout


def test_a_line_is_not_shared_with_its_owner(run: Shell, desk: Desk) -> None:
    fields = ["site=solbakken", "segment.name=ny", f"segment.organisation={SHARER}", "segment.port=lan1"]
    refused = run("order", "new", "share", *wishes([*fields, "segment.share=20", "shares.apotek=80"]), code=2)
    assert "owns the line of solbakken and cannot share it with itself" in refused.stderr
    assert desk.orders() == ()


def test_a_router_in_use_is_staged_again_only_with_a_reason_that_stays(run: Shell, desk: Desk, store: Store) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim("LV-7"))
    store.devices.set_stage("rtr-solbakken", Stage.LIVE, host_key=store.devices.get("rtr-solbakken").host_key)
    stage, other = ("router", "stage", "rtr-solbakken", "--identity", "-"), json.dumps(claim("LV-8"))
    refused = run(*stage, stdin=other, code=1)
    assert "rtr-solbakken is in use as the box LV-7, and this one has LV-8." in refused.stderr
    assert refused.stdout == ""
    assert "Say why, with --reason" in run(*stage, "--replace-identity", stdin=other, code=2).stderr
    told = run(*stage, "--replace-identity", "--reason", "it burned", "--who", "Nora", stdin=other)
    assert told.stdout.startswith("#!linjevakt-config 1")
    seen = run("history", "equipment", "LV-7").stdout
    assert "it burned" in seen
    assert "Nora (recorded by " in seen


def test_a_wrong_serial_number_is_told_before_anything_is_staged(run: Shell, desk: Desk, store: Store) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim("LV-7"))
    run("order", "new", "replace_router", "--set", "site=solbakken")
    before = store.certificates.all()
    told = run("order", "stage", 1, "--identity", "-", stdin=json.dumps(claim("LV-1000")), code=2)
    assert "There is no box with serial number LV-1000" in told.stderr
    assert (told.stdout, store.certificates.all()) == ("", before)


def test_a_port_that_the_router_does_not_have_is_refused_at_once(run: Shell, desk: Desk) -> None:
    desk.fleet.boxes.stage("rtr-solbakken", claim("LV-7") | {"ports": "lan0 lan1 wan0 wan1"})
    fields = ["site=solbakken", "segment.name=ny", f"segment.organisation={OWNER}", "segment.port=lan9"]
    refused = run("order", "new", "share", *wishes([*fields, "segment.share=20", "shares.apotek=80"]), code=2)
    assert refused.stderr == "Error: rtr-solbakken has no port lan9. It has: lan0, lan1, wan0, wan1.\n"


def test_a_step_that_sent_nothing_says_so(run: Shell, field: FakeField) -> None:
    field.never_staged = {"rtr-solbakken"}
    wish = ["site=solbakken", "segment=apotek", "service=domain"]
    number = run.json("order", "new", "add_service", *wishes(wish))["number"]
    told = run("order", "run", number, "--lang", "nb").stdout
    assert "  ingenting er sendt eller prøvd: rtr-solbakken har aldri vært klargjort\n" in told

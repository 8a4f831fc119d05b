"""snmpEngineBoots as RFC 3414 wants it."""

from typing import Any

import pytest

from linjevakt_agent.snmp import engine

ENGINE_ID, OTHER = "80007ed90501020304", "80007ed90505060708"


def test_each_start_counts_and_a_new_engine_id_begins_anew(box: Any) -> None:
    assert [engine.start(box.paths, ENGINE_ID).boots for _ in range(3)] == [1, 2, 3]
    assert engine.start(box.paths, OTHER).boots == 1


def test_the_count_is_on_the_disk_before_the_engine_answers(box: Any) -> None:
    engine.start(box.paths, ENGINE_ID)
    assert f'"engine_id":"{ENGINE_ID}","boots":1' in (box.paths.base / engine.FILE).read_text()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"engine_id": "80007ed90501020304", "boots": -1}', b'{"engine_id": "\xff"}']
)
def test_a_count_that_cannot_be_read_closes_the_engine_rather_than_repeat_one(box: Any, content: bytes) -> None:
    (box.paths.base / engine.FILE).write_bytes(content)
    assert engine.start(box.paths, ENGINE_ID).boots == engine.MAX_BOOTS


def test_the_count_stays_at_its_end(box: Any) -> None:
    (box.paths.base / engine.FILE).write_text(f'{{"engine_id":"{ENGINE_ID}","boots":{engine.MAX_BOOTS - 1}}}')
    assert engine.start(box.paths, ENGINE_ID).boots == engine.MAX_BOOTS
    assert engine.start(box.paths, ENGINE_ID).boots == engine.MAX_BOOTS


def test_a_disk_that_refuses_does_not_silence_the_engine(box: Any, caplog: pytest.LogCaptureFixture) -> None:
    (box.paths.base / f".{engine.FILE}.new").mkdir()
    assert engine.start(box.paths, ENGINE_ID).boots == 1
    assert "could not be kept" in caplog.text

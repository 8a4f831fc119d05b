"""A router says what it likes; what we keep of it is plain text. Its PAC file alone stays as it is, to be run."""

import json
import unicodedata
from collections.abc import Callable
from datetime import datetime

import pytest
from napalm.base.exceptions import CommandErrorException, CommitError, ConnectionException, ReplaceConfigException
from tests import hostile

from linjevakt.devices.linjevakt import LinjevaktDevice
from linjevakt.model.errors import DeviceError
from linjevakt.model.secret import Secret
from linjevakt.provisioning.proof import Asked, Expected, judge

OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
NOON = "2026-11-22T12:00:00Z"
ASKED = Asked(datetime.fromisoformat(NOON), datetime.fromisoformat(NOON), 1.0)
texts = pytest.mark.parametrize(
    "text", [text for text in hostile.HIDDEN.values() if text.isascii() or "\udc80" not in text]
)


class Driver:
    """What NAPALM's driver hands us from a router that puts `text` wherever it can."""

    def __init__(self, text: str) -> None:
        self.text = text

    def cli(self, commands: list[str]) -> dict[str, str]:
        text = self.text
        generation = {"generation": 1, "hash": text, "committed_at": NOON, "message": text}
        status = {
            "router": text,
            "running": generation,
            "confirmed": generation,
            "candidate": {"hash": text, "session": text},
            "pending": {"session": text, "generation": 1, "revert_in_s": 1.0},
            "last": {"outcome": "reverted", "reason": text, "at": NOON},
        }
        line = {"name": text, "up": True, "in_use": True, "address": text, "detail": text}
        probe = {"service": text, "segment": text, "kind": "pac", "ok": False, "ms": 1, "detail": text, "body": text}
        proof = {
            "config_hash": text,
            "pending": True,
            "tunnel": {"up": False, "line": text, "detail": text},
            "lines": [line],
            "probes": [probe],
        }
        opening = {"protocol": "udp", "port": 500, "open": None, "detail": text}
        openings = {"target": text, "lines": [{"name": text, "address": text, "openings": [opening]}]}
        answers = {"config": status, "prove": proof, "openings": openings}
        return {command: json.dumps(answers[command.split()[1]]) for command in commands}

    def compare_config(self) -> str:
        return f"--- running/hostname\n+++ candidate/hostname\n+{self.text}\n\tend"

    def load_replace_candidate(self, config: str) -> None:
        raise ReplaceConfigException(f"{self.text}: {config}")

    def commit_config(self, message: str, revert_in: int | None) -> None:
        raise CommitError(f"{self.text} {message} {revert_in}")

    def rollback(self) -> None:
        raise ConnectionException(self.text)

    def confirm_commit(self) -> None:
        raise CommandErrorException(self.text)


def obeyed(value: object) -> set[str]:
    """What is left in it of characters that a terminal obeys or a reader cannot see."""
    shown = json.dumps(value, default=str, ensure_ascii=False) if not isinstance(value, str) else value
    raw = {char for char in shown if unicodedata.category(char) in OBEYED}
    return (raw | {char for char in _inside(value) if unicodedata.category(char) in OBEYED}) - {"\n", "\t"}


def _inside(value: object) -> str:
    match value:
        case str():
            return value
        case dict():
            return "".join(_inside(inner) for pair in value.items() for inner in pair)
        case list() | tuple():
            return "".join(map(_inside, value))
    return ""


@texts
def test_every_answer_of_the_agent_is_plain_text(text: str) -> None:
    device = LinjevaktDevice("rtr-a", Driver(text))
    proof = device.prove()
    assert obeyed(device.status().model_dump()) == set()
    assert obeyed(device.openings("wan0").model_dump()) == set()
    assert obeyed(proof.model_dump(exclude={"probes": {"__all__": {"body"}}})) == set()
    assert proof.probes[0].body == text
    legs = judge(proof, Expected("c0ffee", pending=True), lambda _pac, _url: "DIRECT", ASKED).legs
    assert obeyed([leg.detail for leg in legs]) == set()


@texts
def test_a_diff_keeps_its_lines_and_nothing_else(text: str) -> None:
    diff = LinjevaktDevice("rtr-a", Driver(text)).compare()
    assert obeyed(diff) == set()
    assert diff.startswith("--- running/hostname\n+++ candidate/hostname\n+a")
    assert diff.endswith("\n\tend")


@texts
def test_every_error_of_the_driver_is_plain_text(text: str) -> None:
    device = LinjevaktDevice("rtr-a", Driver(text))
    attempts: tuple[Callable[[], object], ...] = (
        lambda: device.load(Secret("x"), replace=True),
        lambda: device.commit(60, "m"),
        device.rollback,
        device.confirm,
    )
    for attempt in attempts:
        with pytest.raises(DeviceError) as raised:
            attempt()
        assert obeyed(str(raised.value)) == set()


@texts
def test_an_answer_that_is_none_is_quoted_as_plain_text(text: str) -> None:
    class Babbling(Driver):
        def cli(self, commands: list[str]) -> dict[str, str]:
            return dict.fromkeys(commands, json.dumps({"generation": text, text: text, "config_hash": [text]}))

    with pytest.raises(DeviceError) as raised:
        LinjevaktDevice("rtr-a", Babbling(text)).prove()
    assert obeyed(str(raised.value)) == set()


@pytest.mark.parametrize(
    "words", ["cannot log in to 10.0.0.1: timed out", "rtr-a: cannot log in to 10.0.0.1: timed out"]
)
def test_a_name_stands_once_before_what_went_wrong_and_norwegian_says_what_it_means(words: str) -> None:
    with pytest.raises(DeviceError) as caught:
        LinjevaktDevice("rtr-a", Driver(words)).rollback()
    assert str(caught.value) == "rtr-a: cannot log in to 10.0.0.1: timed out"
    assert caught.value.said("nb") == "rtr-a: får ikke kontakt med ruteren (cannot log in to 10.0.0.1: timed out)"

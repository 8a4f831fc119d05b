"""A name that is nearly right is answered by every command with the one that was meant (the API: `web/test_api.py`)."""

from pathlib import Path

import pytest
from tests.unit.cli.test_norwegian import home, places, said
from tests.unit.cli.test_order import wishes

__all__ = ["home", "places"]

NEARLY = [
    ("rtr-fjellheim", ("plan", "rtr-fjelheim")),
    ("rtr-fjellheim", ("push", "rtr-fjelheim")),
    ("rtr-fjellheim", ("settle", "rtr-fjelheim")),
    ("rtr-fjellheim", ("health", "rtr-fjelheim")),
    ("rtr-fjellheim", ("router", "show", "rtr-fjelheim")),
    ("rtr-fjellheim", ("router", "stage", "rtr-fjelheim", "--identity", "{claim}")),
    ("rtr-fjellheim", ("router", "stolen", "rtr-fjelheim", "--reason", "borte")),
    ("rtr-fjellheim", ("stock", "move", "LV-8", "shipped", "--router", "rtr-fjelheim")),
    ("rtr-fjellheim", ("impact", "router", "rtr-fjelheim")),
    ("rtr-fjellheim", ("inventory", "show", "rtr-fjelheim")),
    ("rtr-fjellheim.wan0", ("line", "show", "rtr-fjelheim.wan0")),
    ("rtr-fjellheim.wan0", ("line", "openings", "rtr-fjelheim.wan0")),
    ("rtr-fjellheim.wan0", ("impact", "line", "rtr-fjelheim.wan0")),
    ("hub-oslo", ("impact", "hub", "hub-osl")),
    ("fjellheim", ("site", "show", "fjelheim")),
    ("fjellheim", ("address", "list", "--site", "fjelheim")),
    ("fjellheim", ("history", "site", "fjelheim")),
    ("fjellheim", ("order", "new", "add_service", *wishes(["site=fjelheim", "segment=lege", "service=dns"]))),
    ("310648213", ("org", "show", "310648231")),
    ("310648213", ("org", "gate", "310648231")),
    ("310648213", ("org", "set", "310648231", "her_id=990101")),
    ("LV-8", ("stock", "move", "LV8", "shipped")),
    ("relocation", ("order", "kinds", "relocaton")),
    ("relocation", ("order", "list", "--kind", "relocaton")),
    ("relocation", ("order", "new", "relocaton", "--set", "site=fjellheim")),
    ("shut_out", ("site", "list", "--state", "shutout")),
]


@pytest.mark.parametrize(("meant", "case"), NEARLY, ids=lambda part: " ".join(part) if isinstance(part, tuple) else "")
def test_the_one_that_was_meant_is_named(meant: str, case: tuple[str, ...], home: Path, places: dict[str, str]) -> None:
    result = said(home, *(word.format(**places) for word in case), language="en")
    assert result.exit_code == 2, result.output
    assert f"Did you mean {meant!r}?" in result.output

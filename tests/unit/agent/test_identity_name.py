"""A host name for the certificate request is checked before any program sees it."""

from pathlib import Path

import pytest

from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.box import identify


@pytest.mark.parametrize("name", ["--root=/elsewhere", "a\0b", "x" * 64, "rtr a", "rtr-a\n", "rtr;reboot"])
def test_what_is_no_host_name_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidError, match="must be a host name"):
        identify(Paths(tmp_path))(name)
    assert list(tmp_path.iterdir()) == []

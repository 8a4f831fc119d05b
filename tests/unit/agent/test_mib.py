"""LINJEVAKT-MIB as text and as served agree, and the text is sound."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import linjevakt_agent
from linjevakt_agent.snmp import mib

MIB = Path(linjevakt_agent.__file__).parent / "snmp" / "mibs" / "LINJEVAKT-MIB.txt"


def base_mibs() -> Path:
    """The IETF's modules, which come with zino (requirements/mibs.in)."""
    spec = find_spec("zino")
    assert spec
    assert spec.submodule_search_locations, "zino is missing: pip install --no-deps -r requirements/mibs.txt"
    return Path(spec.submodule_search_locations[0]) / "snmp" / "mibs"


def smi(tool: str, *arguments: str) -> str:
    environment = {"SMIPATH": str(base_mibs()), "PATH": "/usr/bin:/bin"}
    answer = subprocess.run([tool, *arguments], env=environment, capture_output=True, text=True, check=True)
    return answer.stdout + answer.stderr


def test_the_mib_passes_the_strictest_lint_without_a_word() -> None:
    assert smi("smilint", "-s", "-l", "6", str(MIB)) == ""


def test_the_lint_would_tell_of_a_missing_import(tmp_path: Path) -> None:
    broken = tmp_path / MIB.name
    broken.write_text(MIB.read_text().replace("Counter32, Gauge32", "Gauge32", 1))
    assert "Counter32" in smi("smilint", "-s", "-l", "6", str(broken))


def test_every_readable_object_of_the_mib_is_served_and_no_other() -> None:
    listed, text = smi("smidump", "-f", "identifiers", str(MIB)), MIB.read_text()
    rows = re.findall(r"^LINJEVAKT-MIB\s+(\w+)\s+(?:column|scalar)\s+([\d.]+)$", listed, re.MULTILINE)
    readable = {oid for name, oid in rows if _access(text, name) == "read-only"}
    served = {".".join(map(str, name)) for part in mib.PARTS for name in part.objects if name[:8] == mib.LINJEVAKT}
    assert len(readable) == 13 + 9 + 7 + 5
    assert served == readable


def _access(text: str, name: str) -> str:
    found = re.search(rf"^{name} OBJECT-TYPE\n.*?MAX-ACCESS\s+(\S+)", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_product_and_the_enterprise_number_are_those_of_the_mib() -> None:
    listed = smi("smidump", "-f", "identifiers", str(MIB))
    assert re.search(rf"lvLinuxRouter\s+node\s+{re.escape('.'.join(map(str, mib.PRODUCT)))}$", listed, re.MULTILINE)

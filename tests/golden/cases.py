"""The golden cases: every `templates/<platform>/golden/<case>/case.toml`, found and not listed."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from linjevakt import intent, inventory, render, resources
from linjevakt.model.dossier import dossier
from linjevakt.model.intent import Identity, Revoked
from linjevakt.model.secret import Secret
from napalm_linjevakt.parse import sections

WHOLE = "config"
"""The golden file's name where a platform's configuration has no sections."""

# Plainly made up: base64 of "SYNTHETIC, NOT A CERTIFICATE", "SYNTHETIC, NOT A LIST" and "synthetic key".
_PEM = "-----BEGIN CERTIFICATE-----\nU1lOVEhFVElDLCBOT1QgQSBDRVJUSUZJQ0FURQ==\n-----END CERTIFICATE-----\n"
_CRL = "-----BEGIN X509 CRL-----\nU1lOVEhFVElDLCBOT1QgQSBMSVNU\n-----END X509 CRL-----\n"
IDENTITY = Identity(
    certificate=_PEM,
    ca=_PEM,
    authorized_keys=("ssh-ed25519 AAAAc3ludGhldGljIGtleQ== controller@example",),
    snmp_user="linjevakt",
    snmp_engine_id="80007ed9050000000000000000",
    secrets={
        "snmp.linjevakt.auth": Secret("00" * 32),
        "snmp.linjevakt.privacy": Secret("11" * 16),
    },
    crl=_CRL,
    revoked=(Revoked("5e71a1", "rtr-borte"), Revoked("5e71a2", "rtr-fjellheim")),
)


@dataclass(frozen=True)
class Case:
    """One folder: what to render, and what came out when somebody last looked at it."""

    folder: Path

    @property
    def name(self) -> str:
        """`platform/case`."""
        return f"{self.folder.parents[1].name}/{self.folder.name}"

    @property
    def expected(self) -> dict[str, str]:
        """File name to content of the golden files."""
        return {file.name: file.read_text(encoding="utf-8") for file in sorted((self.folder / "expected").glob("*"))}

    def text(self) -> str:
        """The configuration as rendered now."""
        case = tomllib.loads((self.folder / "case.toml").read_text(encoding="utf-8"))
        fleet = inventory.load(self.folder / case["inventory"])
        bare = case.get("bootstrap", False)
        wanted = intent.build(dossier(fleet, case["router"]), inventory.load_catalogue(None), IDENTITY, bootstrap=bare)
        return render.render(wanted, self.folder.parents[2]).text

    def rendered(self) -> dict[str, str]:
        """Section name to body, as rendered now."""
        text = self.text()
        return sections(text) or {WHOLE: text}

    def write(self) -> None:
        """Take what is rendered now for right."""
        folder = self.folder / "expected"
        folder.mkdir(exist_ok=True)
        rendered = self.rendered()
        for stale in set(self.expected) - set(rendered):
            (folder / stale).unlink()
        for name, body in rendered.items():
            (folder / name).write_text(body, encoding="utf-8")


CASES = [Case(file.parent) for file in sorted(resources.templates().glob("*/golden/*/case.toml"))]

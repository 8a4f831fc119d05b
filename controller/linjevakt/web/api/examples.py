"""Made-up examples for the description of the API."""

from collections.abc import Mapping
from typing import Any, Final

_PLACE: Final = {
    "street": "Nygata 4",
    "postcode": "9008",
    "city": "Tromsø",
    "municipality": "Tromsø",
    "floor": "1",
    "room": "11",
}
_OWN_ISP: Final = {"name": "wan0", "kind": "own_isp", "provider": "Nyfiber"}
_MOBILE: Final = {"name": "wan1", "kind": "mobile", "provider": "Eksempelmobil", "priority": 2}
_SEGMENT: Final = {"name": "kontor", "organisation": "310000019", "port": "lan0"}
_SAID: Final = {"who": "Kari Nordmann", "reason": "Bestilt på telefon"}

WISHES: Final[Mapping[str, Mapping[str, Any]]] = {
    "new_site": {
        "owner": "310000019",
        "site": {"key": "nygata", "name": "Nygata legekontor", **_PLACE},
        "lines": [_OWN_ISP, _MOBILE],
        "segments": [_SEGMENT],
    },
    "relocation": {"site": "fjellheim", "place": _PLACE, "lines": [_OWN_ISP], "window": "2026-11-24T20:00:00Z"},
    "line_change": {"site": "fjellheim", "lines": [_OWN_ISP]},
    "share": {"site": "solbakken", "segment": {**_SEGMENT, "port": "lan1", "share": 20}, "shares": {"apotek": 80}},
    "unshare": {"site": "fjellheim", "segment": "tannlege"},
    "add_service": {"site": "fjellheim", "segment": "legekontor", "service": "video"},
    "cancel_service": {"site": "fjellheim", "segment": "legekontor", "service": "video", "notice": "2026-03-10"},
    "freeze": {
        "organisation": "310000027",
        "since": "2026-12-01",
        "register_inactive": "2026-12-01",
        "edi_inactive": "2026-12-01",
        "reopen": "2027-06-01",
    },
    "reopen": {"organisation": "310000027"},
    "exclude": {"organisation": "310000027", "reason": "Virksomhetssertifikatet er utløpt"},
    "readmit": {"organisation": "310000027"},
    "replace_router": {"site": "fjellheim", "because": "broken"},
    "terminate": {"site": "solbakken", "notice": "2026-03-10", "document": "arkiv 2026/44"},
}
NEW_ORDERS: Final = {
    kind: {"summary": kind, "value": {"kind": kind, "wish": dict(wish), **_SAID}} for kind, wish in WISHES.items()
}
ADVANCES: Final = {
    "subscription": {
        "value": {
            "who": "Ola Nordmann",
            "step": "subscription",
            "values": {"business": "yes", "document": "bekreftelse 17"},
        }
    },
    "plug_in": {"value": {"who": "Ola Tekniker", "step": "plug_in", "note": "Skapet står i gangen."}},
}
BOX: Final = {
    "csr": "-----BEGIN CERTIFICATE REQUEST-----\n...\n-----END CERTIFICATE REQUEST-----\n",
    "ssh_host_key": "ssh-ed25519 AAAA...",
    "serial": "LV-0042",
    "ports": ["wan0", "wan1", "lan0", "lan1"],
}

"""Whoever follows `next` sees each once, in the order of the list."""

from ipaddress import IPv4Address, IPv4Network

from tests.unit.web.conftest import client_at

from linjevakt.model.entity import Author
from linjevakt.provisioning.fleet import Fleet


def test_no_line_and_no_gate_is_left_out_between_sites_whose_names_begin_alike(populated: Fleet) -> None:
    """`fjellheim-b/wan0` is before `fjellheim/wan0` as a text, and after it as a site."""
    with populated.store.register.edit(Author("kari"), unchecked="a site beside, for its key alone") as draft:
        first = draft.inventory.sites[0]
        place = first.place.model_copy(update={"key": f"{first.key}-b"})
        router = first.router.model_copy(update={"name": "rtr-b", "management": IPv4Address("10.250.0.99")})
        segment = first.segments[0].model_copy(update={"prefix": IPv4Network("10.96.7.0/24")})
        draft.put(first.model_copy(update={"place": place, "router": router, "segments": (segment,)}))
    client = client_at(populated)
    for name in ("lines", "gates"):
        whole = client.get(f"/api/v1/{name}").json()["items"]
        seen, after = list[object](), ""
        while after is not None:
            page = client.get(f"/api/v1/{name}", params={"limit": 1, "after": after}).json()
            seen, after = [*seen, *page["items"]], page["next"]
        assert seen == whole
        assert any(row["site"] == f"{first.key}-b" for row in seen)

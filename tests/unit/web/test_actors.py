"""Who acts is known from the edge to the history, and each route and step says what it takes."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

import linjevakt
from linjevakt.model.actor import GRANTS, LINJEVAKT, Actor, Permission, Role, Via
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.order import Party
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.kinds import KINDS

CODE = Path(linjevakt.__file__).parent
DOCS = Path(__file__).parents[3] / "docs" / "api.md"
BARE = {"/metrics", "/healthz", "/api/v1/openapi.json"}  # of machines on this one: they know no people


def declared(description: dict[str, Any]) -> dict[tuple[str, str], Permission]:
    return {
        (method, path): Permission(route["x-permission"])
        for path, methods in description["paths"].items()
        for method, route in methods.items()
    }


def test_every_route_says_what_it_takes(client: TestClient) -> None:
    found = declared(client.get("/api/v1/openapi.json").json())
    assert len(found) > 40
    looks = {route for route, takes in found.items() if takes is Permission.LOOK}
    assert looks == {(method, path) for method, path in found if method == "get"}
    assert set(found.values()) == set(Permission) - {
        step.permission for kind in KINDS.values() for step in kind.steps
    } | {Permission.RUN}


def test_every_page_says_what_it_takes(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    routes = [route for route in client.app.routes if isinstance(route, APIRoute) and route.path not in BARE]
    assert {(route.openapi_extra or {}).get("x-permission") for route in routes} <= set(Permission)


def test_every_step_says_what_it_takes(client: TestClient) -> None:
    for kind in KINDS:
        steps = client.get(f"/api/v1/kinds/{kind}").json()["steps"]
        assert {Permission(step["permission"]) for step in steps}
        assert all((step["permission"] == "run") == (step["by"] == Party.SYSTEM) for step in steps)


def test_a_role_may_what_it_is_at_work_for(client: TestClient) -> None:
    told = {one["role"]: set(one["permissions"]) for one in client.get("/api/v1/roles").json()}
    assert told == {role.value: set(GRANTS[role]) for role in Role}
    assert told["reader"] == {"look"}
    assert told["administrator"] == set(Permission)
    assert not {"stage", "shut_out", "import"} & (told["clerk"] | told["technician"])


def test_the_table_of_the_docs_is_the_one_of_the_code(client: TestClient) -> None:
    by_permission: dict[Permission, list[str]] = {}
    for (method, path), takes in declared(client.get("/api/v1/openapi.json").json()).items():
        if takes is not Permission.LOOK:
            by_permission.setdefault(takes, []).append(f"`{method.upper()} {path.removeprefix('/api/v1')}`")
    rows = [
        f"| `{one}` | {', '.join(sorted(by_permission.get(one, [])))} | {', '.join(_who(one))} |"
        for one in Permission
        if one is not Permission.LOOK
    ]
    assert "\n".join(rows) in DOCS.read_text(encoding="utf-8"), "\n".join(rows)


def _who(permission: Permission) -> Iterator[str]:
    return (role.value for role, may in GRANTS.items() if permission in may)


def test_the_system_is_itself_in_its_own_steps(desk: Desk) -> None:
    wish = {"organisation": "310000027", "reason": "Virksomhetssertifikatet er utløpt"}
    number = desk.new("exclude", wish, Actor("", "Kari", frozenset(), Via.API)).number
    desk.record(number, Actor("ola", "ola", frozenset({Role.CLERK}), Via.CLI, "Nora"), {"told": "2026-06-30"})
    desk.run(number)
    made = desk.fleet.store.register.history(order=number)
    actors = list(dict.fromkeys(version.revision.actor for version in made))
    assert actors[-2:] == [
        Actor("ola", "ola", frozenset({Role.CLERK}), Via.CLI, "Nora"),
        Actor("", "Kari", frozenset(), Via.API),
    ]
    assert LINJEVAKT in actors
    assert desk.order(number).evidence[0].who == "Nora (recorded by ola)"


def test_the_history_tells_who_it_was_and_of_old_changes_what_is_known(writer: TestClient) -> None:
    body = {"who": "Kari", "on_behalf_of": "Nora", "reason": "ringte", "her_id": 80124}
    assert writer.patch("/api/v1/organisations/310000019", json=body).status_code == 200
    new, *_, old = writer.get("/api/v1/history", params={"kind": "organisation", "key": "310000019"}).json()
    told = {"subject": "", "name": "Kari", "roles": ["administrator"], "via": "api", "on_behalf_of": "Nora"}
    assert (new["who"], new["actor"]) == ("Nora (recorded by Kari)", told)
    assert (old["who"], old["actor"]) == ("kari", None)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\u200bb"])
def test_nobody_has_a_name_that_cannot_be_read(name: str) -> None:
    with pytest.raises(InvalidInputError, match="1 to 100 visible characters"):
        Actor("", name, frozenset(), Via.API)


def test_both_names_fit_into_what_an_order_keeps() -> None:
    with pytest.raises(InvalidInputError):
        Actor("", "x" * 100, frozenset(), Via.CLI, "y" * 100)
    assert len(str(Actor("", "x" * 85, frozenset(), Via.CLI, "y" * 100))) == 200


def test_no_edge_reaches_through_another_room_into_the_store() -> None:
    files = [file for room in ("web", "cli", "plugins") for file in sorted((CODE / room).rglob("*.py"))]
    reached = {
        f"{file.relative_to(CODE)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"store", "register"} and _is_read(node)
    }
    assert len(files) > 40
    assert reached == set()


def _is_read(node: ast.Attribute) -> bool:
    """`order.register` of a module of commands is another thing."""
    return not (isinstance(node.value, ast.Name) and node.attr == "register")

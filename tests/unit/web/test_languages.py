"""What the API says is wrong, and the page's reasons, are said in the language that the client reads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.unit.web.conftest import NOON

from linjevakt.model.change import Leg, Proof, PushResult, PushState
from linjevakt.model.errors import InventoryError, Issue, LackingError, LinjevaktError
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying
from linjevakt.provisioning.fleet import Fleet
from linjevakt.web import problems
from linjevakt.workorders.trouble import TroubleError

NOT_STAGED = Phrase(nb="ikke klargjort", en="not staged")
ISSUE = Issue("a.yaml", 3, "site.room", Saying("not staged"), Saying("up"))
SPECIAL: Mapping[type[LinjevaktError], Callable[[], LinjevaktError]] = {
    LackingError: lambda: LackingError("rtr-a", (NOT_STAGED,)),
    InventoryError: lambda: InventoryError([ISSUE]),
    TroubleError: lambda: TroubleError(NOT_STAGED),
}
DETAILS = {
    LackingError: ("rtr-a: not yet. not staged", "rtr-a: ikke ennå. ikke klargjort"),
    InventoryError: ("a.yaml:3: site.room: not staged. up", "a.yaml:3: site.room: ikke klargjort. oppe"),
}
TITLES = {
    404: ("Not Found", "Finnes ikke"),
    409: ("Conflict", "Konflikt"),
    422: ("Unprocessable Entity", "Ugyldig innhold"),
    500: ("Internal Server Error", "Intern feil"),
    502: ("Bad Gateway", "Ruteren svarer ikke"),
    503: ("Service Unavailable", "Utilgjengelig nå"),
}


def _family(kind: type[LinjevaktError]) -> Iterator[type[LinjevaktError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _family(child)


CLASSES = sorted({kind for kind in _family(LinjevaktError) if kind.__module__.startswith("linjevakt.")}, key=repr)


def _raising(kind: type[LinjevaktError]) -> TestClient:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    def fail() -> None:
        error = SPECIAL[kind]() if kind in SPECIAL else kind(Saying("not staged"))
        raise error

    return TestClient(app, headers={"Accept-Language": ""}, raise_server_exceptions=False)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: str(kind.__name__))
def test_every_class_of_error_is_said_in_both_languages(kind: type[LinjevaktError]) -> None:
    client = _raising(kind)
    english, norwegian = client.get("/"), client.get("/", headers={"Accept-Language": "nb-NO,en;q=0.5"})
    details = DETAILS.get(kind, ("not staged", "ikke klargjort"))
    assert (english.json()["detail"], norwegian.json()["detail"]) == details
    assert (english.json()["title"], norwegian.json()["title"]) == TITLES[english.status_code]
    assert english.status_code == norwegian.status_code
    assert (english.headers["content-language"], norwegian.headers["content-language"]) == ("en", "nb")
    assert norwegian.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize(
    ("accept", "detail"),
    [
        ("", "not staged"),
        ("de, fr", "not staged"),
        ("en", "not staged"),
        ("nb;q=0.2, en", "not staged"),
        ("nb", "ikke klargjort"),
        ("no", "ikke klargjort"),
        ("nn-NO", "ikke klargjort"),
        ("de, nb;q=0.1", "ikke klargjort"),
    ],
)
def test_norwegian_is_for_those_who_ask_for_it(accept: str, detail: str) -> None:
    assert _raising(LinjevaktError).get("/", headers={"Accept-Language": accept}).json()["detail"] == detail


REQUESTS = [
    ("GET", "/api/v1/nothing", {}, "Finnes ikke"),
    ("DELETE", "/api/v1/orders", {}, "Metoden er ikke tillatt"),
    ("GET", "/api/v1/sites", {"headers": {"Accept": "text/html"}}, "Her svares det bare med application/json."),
    ("POST", "/api/v1/orders", {"content": "a=b"}, "Send application/json."),
    ("POST", "/api/v1/orders", {"content": b"x" * 1_000_001}, "Send høyst 1000000 byte."),
    (
        "GET",
        "/api/v1/sites",
        {"headers": {"Host": "elsewhere.example"}},
        "Denne tjeneren svarer ikke på navnet 'elsewhere.example'. Bruk localhost, eller legg navnet til i",
    ),
    ("POST", "/api/v1/orders", {"json": {"kind": "reopn"}}, "'reopn' er ikke kjent. Mente du 'reopen'?"),
    (
        "POST",
        "/api/v1/orders",
        {"content": b"\xff", "headers": {"Content-Type": "application/json"}},
        "Innholdet kan ikke leses",
    ),
]


@pytest.mark.parametrize(("method", "path", "options", "detail"), REQUESTS)
def test_a_request_that_cannot_be_taken_is_refused_in_norwegian(
    client: TestClient, method: str, path: str, options: dict[str, Any], detail: str
) -> None:
    headers = {"Accept-Language": "nb"} | options.get("headers", {})
    answer = client.request(method, path, **{**options, "headers": headers}).json()
    assert detail in answer["detail"]
    assert not any(found["message"].isascii() and "is not" in found["message"] for found in answer.get("errors", ()))


def test_what_is_not_there_is_named_in_norwegian(client: TestClient) -> None:
    answer = client.get("/api/v1/routers/nowhere", headers={"Accept-Language": "no"}).json()
    assert answer["detail"] == "Det finnes ingen ruter 'nowhere'. `linjevakt router list` viser hva som finnes."


def test_a_fault_of_ours_is_told_in_norwegian() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    def fail() -> None:
        raise KeyError("x")

    answer = TestClient(app, raise_server_exceptions=False).get("/", headers={"Accept-Language": "nn"})
    assert answer.json()["detail"] == "en feil i Linjevakt (KeyError); loggen sier mer"


def test_the_page_says_why_in_its_language(writer: TestClient, populated: Fleet) -> None:
    store = populated.store
    (well,) = [health for health in store.healths.current() if health.router == "rtr-fjellheim"]
    store.healths.save(replace(well, drift=Saying("not known: does the router's guard run?")))
    begun = store.pushes.begin(
        "rtr-fjellheim",
        candidate_hash="c0ffee",
        revert_in_s=60,
        worker="noc:1",
        until=datetime.now(UTC) + timedelta(minutes=5),
    )
    leg = Leg(Saying("line"), ok=False, detail=Saying("no line is up"))
    store.pushes.end(begun, PushResult("rtr-fjellheim", PushState.REVERTED, "", NOON, 2.0, None, Proof((leg,))))
    norwegian, english = (writer.get("/", params={"lang": lang}).text for lang in ("nb", "en"))
    assert "linje: ingen linje er oppe" in norwegian
    assert "ikke kjent: kjører vakten på ruteren?" in norwegian
    assert "line: no line is up" in english
    assert "not known: does the router&#39;s guard run?" in english

"""Why a push ended as it did, and each leg of its proof, in the reader's language; a router's words stay its own."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from tests.unit.push.fake_router import EPOCH, FakeClock, FakeRouter, evaluate, order

from linjevakt.devices.device import LineState, RawProof, StorageState, TunnelState
from linjevakt.model import clock
from linjevakt.model.change import PushResult, RevertTimer
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import in_language
from linjevakt.provisioning.proof import Asked, Expected, judge, why
from linjevakt.provisioning.push import push


def run(text: str) -> PushResult:
    router = FakeRouter(FakeClock())
    return push(order(text), router.connect, evaluate, clock=router.clock)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cuts", "innlogging: rtr-a: no answer; ruteren gikk tilbake av seg selv"),
        ("downs-wan1", "linje: wan1 er nede etter endringen; tilbakeført"),
        ("breaks-proxy", "proxy: proxy for legekontor: virker ikke; tilbakeført"),
        (
            "breaks-pac",
            (
                "pac: pac for legekontor: PAC-filen svarer 'SOCKS 10.255.0.30:3128' for http://www.example.com/, "
                "der internet trenger 'PROXY 10.255.0.30:3128'; tilbakeført"
            ),
        ),
        ("invalid", "rtr-a: nftables.conf:12: syntax error"),
    ],
)
def test_why_it_ended_is_said_in_norwegian(text: str, reason: str) -> None:
    assert in_language(run(text).reason, "nb") == reason


def test_every_leg_of_a_good_proof_is_said_in_norwegian() -> None:
    proof = run("new").proof
    assert proof
    assert [f"{in_language(leg.name, 'nb')}: {in_language(leg.detail, 'nb')}" for leg in proof.legs] == [
        "innlogging: logget inn på nytt",
        "agent: kjører 11507a0e2f5e",
        "klokke: not compared: no time server answers",
        "tunnel: oppe",
        "linje: wan0 er oppe og i bruk",
        "linje: wan1 er oppe",
        "dns: dns for legekontor: virker",
        "proxy: proxy for legekontor: virker",
        "pac: pac for legekontor: virker",
    ]


def test_every_leg_of_a_bad_proof_is_said_in_norwegian() -> None:
    raw = RawProof(
        config_hash="",
        pending=False,
        tunnel=TunnelState(up=False),
        lines=(LineState(name="wan0", up=None, in_use=True),),
        probes=(),
        storage=StorageState(state="read-only"),
        at=EPOCH - timedelta(days=1),
    )
    asked = Asked(EPOCH, EPOCH, 1.0)
    found = judge(raw, Expected("c0ffee", pending=True, lines=frozenset({"wan0"})), evaluate, asked)
    assert in_language(why(found), "nb") == (
        "agent: kjører ingenting, ikke c0ffee; "
        "klokke: klokken går feil (boksen sier 2026-11-20 20:00:00 UTC, kontrolleren 2026-11-21 20:00:00 UTC); "
        "tunnel: nede; disk: disken er skrivebeskyttet; "
        "linje: wan0 er ikke målt ennå og i bruk etter endringen; linje: ingen linje er oppe"
    )


def test_a_copy_of_a_result_is_said_in_norwegian_too() -> None:
    """`asdict`, which the command line makes JSON of, copies an error that is filled in."""
    result = run("cuts")
    assert asdict(result)["reason"] == "login: rtr-a: no answer; the router went back by itself"
    assert in_language(asdict(result)["reason"], "nb") == in_language(result.reason, "nb")


def test_a_timer_out_of_range_and_a_wrong_clock_are_told() -> None:
    with pytest.raises(InvalidInputError) as caught:
        RevertTimer().fit(1)
    assert caught.value.said("nb") == "ruteren kan ikke gå tilbake av seg selv etter 1 s; velg fra 10 til 3600 s"
    assert in_language(clock.fault(EPOCH, EPOCH, EPOCH), "nb") == ""

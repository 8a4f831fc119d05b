"""A sentence in both languages, whatever is filled in and however it travels."""

import copy
import json
import pickle

import pytest

from linjevakt.model.errors import DeviceError, LackingError, about, apart
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, in_language, together, word

INNER = Saying("not staged")
OUTER = Saying("{}: {}", "rtr-a", INNER)


@pytest.mark.parametrize("travel", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301 - ours
def test_it_is_a_text_and_stays_a_saying(travel: object) -> None:
    assert callable(travel)
    arrived = travel(OUTER)
    assert (arrived, json.dumps(arrived)) == ("rtr-a: not staged", '"rtr-a: not staged"')
    assert (arrived.said("en"), arrived.said("nb")) == ("rtr-a: not staged", "rtr-a: ikke klargjort")


def test_what_is_filled_in_is_said_in_the_same_language() -> None:
    phrase = Phrase(nb="en setning", en="a sentence")
    error = DeviceError(Saying("{}: {}", INNER, phrase))
    assert str(error) == "not staged: a sentence"
    assert (
        in_language(together("; ", [error, phrase, "rtr-b"]), "nb") == "ikke klargjort: en setning; en setning; rtr-b"
    )


def test_a_name_before_it_comes_and_goes_in_both_languages() -> None:
    assert about("rtr-a", OUTER) is OUTER
    assert in_language(about("rtr-b", OUTER), "nb") == "rtr-b: rtr-a: ikke klargjort"
    assert (apart("rtr-a", OUTER), in_language(apart("rtr-a", OUTER), "nb")) == ("not staged", "ikke klargjort")
    assert copy.copy(apart("rtr-a", OUTER)) == "not staged"


def test_a_name_in_it_is_another_in_both_languages() -> None:
    renamed = OUTER.replace("rtr-a", "rtr-b")
    assert (renamed, in_language(renamed, "nb")) == ("rtr-b: not staged", "rtr-b: ikke klargjort")


def test_what_is_lacking_is_said_in_both_languages() -> None:
    error = LackingError("rtr-a", (Phrase(nb="Ingen hub.", en="No hub."),))
    assert (str(error), error.said("nb")) == ("rtr-a: not yet. No hub.", "rtr-a: ikke ennå. Ingen hub.")


def test_a_text_without_norwegian_is_said_as_it_is() -> None:
    assert Saying("nobody has translated {what}", what=INNER).said("nb") == "nobody has translated ikke klargjort"


@pytest.mark.parametrize(
    "text", ["{0}", "{x.__class__.__init__.__globals__}", "{", "}", "{}{}", "{{}}", "{0:>99999999}", "%s"]
)
def test_what_people_write_never_becomes_a_template(text: str) -> None:
    """As a value, at any depth, as a word of the data, as what stands between, before and in place of others."""
    inner = Saying("{}: {}", text, Phrase(nb=text, en=text))
    said = {
        Saying("{name}", name=text): text,
        Saying("{}", DeviceError(inner)): f"{text}: {text}",
        word(text): text,
        together(text, ["a", text, "b"]): f"a{text}{text}{text}b",
        Saying("{}", "a").replace("a", text): text,
        Saying("{}", f"{text}: a").removeprefix(f"{text}: "): "a",
    }
    for saying, expected in said.items():
        travelled = pickle.loads(pickle.dumps(saying))  # noqa: S301 - ours
        assert [str(saying), in_language(saying, "nb"), in_language(travelled, "nb")] == [expected] * 3

"""A sealed secret opens with its own key and under its own name, and in no other way."""

import base64
from pathlib import Path

import pytest

from linjevakt.model.errors import NotFoundError, SecretError
from linjevakt.model.secret import Secret
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault


def test_what_was_sealed_opens_again() -> None:
    key = SealKey.generate()
    envelope = key.seal("ca.key", b"in clear")
    assert key.open("ca.key", envelope) == b"in clear"
    assert b"in clear" not in envelope


def test_two_envelopes_of_one_secret_differ() -> None:
    key = SealKey.generate()
    assert key.seal("a", b"same") != key.seal("a", b"same")


def test_another_key_is_told_by_its_id() -> None:
    first, second = SealKey.generate(), SealKey.generate()
    with pytest.raises(SecretError, match=f"sealed with key {first.id}, but the key at hand is {second.id}"):
        second.open("a", first.seal("a", b"x"))


def test_an_envelope_under_another_name_does_not_open() -> None:
    key = SealKey.generate()
    with pytest.raises(SecretError, match="was changed"):
        key.open("b", key.seal("a", b"x"))


@pytest.mark.parametrize("octet", [8, 20, -1])
def test_a_changed_envelope_does_not_open(octet: int) -> None:
    key = SealKey.generate()
    envelope = bytearray(key.seal("a", b"some secret text"))
    envelope[octet] ^= 1
    with pytest.raises(SecretError, match="was changed"):
        key.open("a", bytes(envelope))


def test_something_else_than_an_envelope_is_refused() -> None:
    with pytest.raises(SecretError, match="no envelope"):
        SealKey.generate().open("a", b"plain text")


def test_a_written_key_is_read_back_and_is_for_its_owner_only(tmp_path: Path) -> None:
    key, file = SealKey.generate(), tmp_path / "key"
    key.write(file)
    assert SealKey.load(file) == key
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    SealKey.generate().write(tmp_path / "key")
    with pytest.raises(FileExistsError):
        SealKey.generate().write(tmp_path / "key")


def test_a_key_from_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    text = base64.b64encode(bytes(32)).decode()
    assert SealKey.load(tmp_path / "missing", text) == SealKey(bytes(32))


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="linjevakt init"):
        SealKey.load(tmp_path / "missing")


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    SealKey.generate().write(file)
    file.chmod(0o640)
    with pytest.raises(SecretError, match=r"mode 0640.*chmod 600"):
        SealKey.load(file)


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(bytes(31)).decode(), "æøå"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key"
    file.touch(mode=0o600)
    file.write_text(text)
    with pytest.raises(SecretError, match=r"holds no key|cannot be read"):
        SealKey.load(file)


def test_a_key_never_shows_itself() -> None:
    assert repr(SealKey(b"k" * 32)) == "SealKey()"


def test_the_vault_makes_a_secret_once(vault: Vault) -> None:
    first = vault.ensure("name", lambda: Secret("one"))
    assert vault.ensure("name", lambda: Secret("two")) == first == vault.get("name")


def test_of_two_makers_at_once_the_first_wins(vault: Vault) -> None:
    def slow() -> Secret:
        vault.put("name", Secret("of the other"))
        return Secret("mine")

    assert vault.ensure("name", slow).reveal() == "of the other"


def test_a_secret_that_is_not_there_says_what_to_run(vault: Vault) -> None:
    with pytest.raises(NotFoundError, match="linjevakt init"):
        vault.get("name")


def test_a_vault_with_the_wrong_key_opens_nothing(vault: Vault, store: Store) -> None:
    vault.put("name", Secret("text"))
    with pytest.raises(SecretError, match="LINJEVAKT_KEY_FILE"):
        Vault(store, SealKey.generate()).get("name")

"""An installation's secrets are made once; one that is gone is never made anew behind anyone's back."""

from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import prepared
from tests.commandline import application
from typer.testing import CliRunner, Result

from linjevakt.model.errors import SecretError
from linjevakt.model.secret import Secret
from linjevakt.store import Store, tables
from linjevakt.trust import SealKey, Vault, ca, setup, snmp, ssh

KEY = SealKey.generate()
NAMES = (ca.KEY, *snmp.NAMES, ssh.NAME)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
INSIDE = (IPv4Network("10.0.0.0/8"),)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    prepared.migrated(tmp_path)
    tmp_path.chmod(0o700)
    return tmp_path


def _init(home: Path) -> Result:
    return CliRunner(env={"LINJEVAKT_HOME": str(home)}).invoke(application(), ["init"])


def _opened(home: Path) -> Store:
    return Store(f"sqlite:///{home / 'linjevakt.db'}")


def _forget(home: Path, *names: str) -> None:
    store = _opened(home)
    with store._database.engine.begin() as site:  # noqa: SLF001 - what no method of ours does
        site.execute(tables.sealed.delete().where(tables.sealed.c.name.in_(names)))
    store.close()


def _seal(home: Path, name: str, text: str) -> None:
    store = _opened(home)
    Vault(store, SealKey.load(home / "key")).put(name, Secret(text))
    store.close()


def _certify(home: Path) -> None:
    """As the first router that is staged does."""
    store = _opened(home)
    ca.authority(Vault(store, SealKey.load(home / "key")), INSIDE, NOW)
    store.close()


@pytest.mark.parametrize("name", NAMES)
def test_init_makes_no_secret_anew_in_an_installation_at_work(home: Path, name: str) -> None:
    assert _init(home).exit_code == 0
    _certify(home)
    _forget(home, name)
    result = _init(home)
    assert result.exit_code == 1
    assert f"{name!r} is gone" in result.stderr
    assert "restore the database" in result.stderr
    store = _opened(home)
    assert store.sealed.get(name) is None
    store.close()


def test_init_that_was_cut_short_goes_on(home: Path) -> None:
    assert _init(home).exit_code == 0
    _forget(home, *NAMES[2:])
    assert _init(home).exit_code == 0
    assert _init(home).exit_code == 0


def test_init_makes_no_new_key_file_while_any_secret_is_there(home: Path) -> None:
    assert _init(home).exit_code == 0
    (home / "key").unlink()
    _forget(home, ca.KEY)
    assert _init(home).exit_code == 1
    assert not (home / "key").exists()


def test_a_certificate_of_another_key_is_refused(home: Path) -> None:
    assert _init(home).exit_code == 0
    _certify(home)
    _seal(home, ca.KEY, ca._new_key().reveal())  # noqa: SLF001 - someone restored one row of two
    result = _init(home)
    assert (result.exit_code, "is not that of its key" in result.stderr) == (1, True)
    with pytest.raises(SecretError, match="is not that of its key"):
        _certify(home)


@pytest.mark.parametrize("name", [*NAMES, ca.CERTIFICATE])
def test_a_secret_that_is_something_else_is_told(home: Path, name: str) -> None:
    assert _init(home).exit_code == 0
    _seal(home, name, "something else")
    result = _init(home)
    assert (result.exit_code, "Restore the database" in result.stderr) == (1, True), result.output


def test_at_work_a_lost_secret_is_told_and_not_made(home: Path) -> None:
    store = _opened(home)
    vault = Vault(store, KEY, complete=True)
    for use in (ca.ensure_key, snmp.MasterKeys.of, ssh.login_key):
        with pytest.raises(SecretError, match="restore the database"):
            use(vault)
    assert not setup.is_begun(store)
    store.close()


@given(st.integers(), st.integers(1, 6), st.booleans())
def test_a_damaged_envelope_is_a_sentence(seed: int, changes: int, cut: bool) -> None:  # noqa: FBT001 - hypothesis's
    dice, envelope = Random(seed), bytearray(KEY.seal("a", b"some secret"))  # noqa: S311 - nothing secret
    for _ in range(changes):
        at = dice.randrange(len(envelope) + 1)
        envelope[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    damaged = bytes(envelope[: dice.randrange(len(envelope) + 1)] if cut else envelope)
    assert _said(damaged) == "some secret" or _said(damaged).endswith(".")


def _said(envelope: bytes) -> str:
    try:
        return KEY.open("a", envelope).decode()
    except SecretError as error:
        return str(error)


@pytest.mark.parametrize(
    "envelope",
    [b"", b"LV1", b"LV1" + bytes.fromhex(KEY.id) + b"short", None, 5, "text"],
    ids=["empty", "mark", "cut", "null", "number", "text"],  # the key is another each time
)
def test_what_is_no_envelope_is_a_sentence(envelope: bytes) -> None:
    with pytest.raises(SecretError, match="no envelope, or half of one"):
        KEY.open("a", envelope)


@pytest.mark.parametrize("make", ["mkdir", "zero", "large"])
def test_a_key_file_that_is_none_is_told_at_once(tmp_path: Path, make: str) -> None:
    file = tmp_path / "key"
    if make == "mkdir":
        file.mkdir(mode=0o700)
    elif make == "zero":
        file.symlink_to("/dev/zero")
    else:
        file.write_bytes(b"A" * 1_000_000)
        file.chmod(0o600)
    with pytest.raises(SecretError, match=r"not a regular file|holds no key"):
        SealKey.load(file)


def test_each_secret_that_is_gone_says_what_cannot_be_done_and_none_left_is_refused(home: Path) -> None:
    _init(home)
    vault = Vault(_opened(home), SealKey.load(home / "key"))
    assert setup.lacking(vault) == {}
    _forget(home, ca.KEY)
    assert setup.lacking(vault) == {ca.KEY: "stage a box, renew a certificate, shut a box out"}
    _forget(home, *NAMES)
    with pytest.raises(SecretError, match="restore the database from its backup"):
        setup.lacking(vault)


@pytest.mark.parametrize("left", [None, b"", b"rubbish\n", b"\xff" * 44], ids=["gone", "empty", "rubbish", "no text"])
@pytest.mark.parametrize("command", ["init", "order list", "push rtr-fjellheim", "health rtr-fjellheim"])
def test_nobody_whose_key_is_lost_is_sent_to_init(home: Path, command: str, left: bytes | None) -> None:
    _init(home)
    key = home / "key"
    key.unlink() if left is None else key.write_bytes(left)
    environment = {"LINJEVAKT_HOME": str(home)}
    told = CliRunner(env=environment).invoke(application(), command.split())
    assert (told.exit_code, f"{key}" in told.stderr, "Restore it from its backup" in told.stderr) == (1, True, True)
    assert "linjevakt init" not in told.stderr
    assert (key.read_bytes() if key.exists() else None) == left
    said = CliRunner(env=environment | {"LINJEVAKT_LANG": "nb"}).invoke(application(), command.split())
    assert (said.exit_code, "ra sikkerhetskopien" in said.stderr) == (1, True)


def test_who_has_not_run_init_yet_is_sent_there(home: Path) -> None:
    told = CliRunner(env={"LINJEVAKT_HOME": str(home)}).invoke(application(), ["order", "list"])
    assert (told.exit_code, f"There is no key file {home / 'key'}. `linjevakt init` makes it" in told.stderr) == (
        1,
        True,
    )


def test_a_home_that_can_be_none_is_told_with_its_path() -> None:
    for home in ("/dev/null", "/proc/x", "/dev/null/below"):
        told = _init(Path(home))
        assert (told.exit_code, f"The home {home}" in told.stderr, "LINJEVAKT_HOME" in told.stderr) == (2, True, True)

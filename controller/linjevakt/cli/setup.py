"""`linjevakt init`: makes an installation, or brings an old one to this program's database schema."""

from pathlib import Path
from typing import Annotated

import typer

from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import echo, show_json
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.system import reason

Home = Annotated[Path | None, typer.Option("--home", help="Instead of LINJEVAKT_HOME.", file_okay=False)]
_ANOTHER = "Name another with LINJEVAKT_HOME or --home: a folder of this user's, or one that is not there yet."


def register(app: typer.Typer) -> None:
    """Add the command to the root of the command line."""
    app.command()(init)


def init(ctx: typer.Context, *, home: Home = None, as_json: Json = False) -> None:
    """Make home, key, database, certificate authority and login key; keeps what is there already."""
    with edge(as_json=as_json):
        context: Context = ctx.obj.at(home) if home else ctx.obj
        made = [*_home(context), *_database(context), *_key(context)]
        public = _secrets(context)
        key_file = None if context.settings.key else str(context.settings.key_path)
        if as_json:
            show_json({"home": str(context.settings.folder), "key_file": key_file, "made": made, "ssh_key": public})
            return
        echo("\n".join(made) if made else f"{context.settings.folder}: nothing to make, all is there")
        echo(f"Login key: {public}")
        echo(f"Back up, in two places: {key_file or 'LINJEVAKT_KEY'} (without it no secret opens), and the database.")


def _home(context: Context) -> list[str]:
    folder = context.settings.folder
    if folder.is_dir():
        if folder.stat().st_mode & 0o077:
            raise InvalidInputError(f"{folder} is open to others. Close it: chmod 700 {folder}")
        return []
    if folder.exists() or folder.is_symlink():
        raise InvalidInputError(f"The home {folder} is no folder. {_ANOTHER}")
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise InvalidInputError(f"The home {folder} cannot be made: {reason(error)}. {_ANOTHER}") from error
    return [f"{folder}: made, for its owner only"]


def _database(context: Context) -> list[str]:
    return ["database: brought to this program's schema"] if context.store.migrate() else []


def _key(context: Context) -> list[str]:
    """A new key, unless one is given or secrets are there: those need the key that sealed them."""
    from linjevakt.trust import SealKey, setup  # noqa: PLC0415 - cryptography loads slowly, and only `init` needs it here

    file = context.settings.key_path
    if context.settings.key or file.exists():
        return []
    setup.require_kept(context.store, file)
    key = SealKey.generate()
    key.write(file)
    return [f"{file}: made, key {key.id}"]


def _secrets(context: Context) -> str:
    """Has the vault hold what the fleet needs; returns the public login key."""
    from linjevakt.trust import setup, ssh  # noqa: PLC0415 - as above

    setup.prepare(context.vault, enrolled=bool(context.store.devices()))
    return ssh.public_line(context.vault)

"""`linjevakt init`: makes an installation, or brings an old one to this program's database schema."""

from pathlib import Path
from typing import Annotated

import typer

from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import echo, show_json
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying, together
from linjevakt.model.system import reason

Home = Annotated[Path | None, typer.Option("--home", readable=False, help="Instead of LINJEVAKT_HOME.")]
_ANOTHER = Saying("Name another with LINJEVAKT_HOME or --home: a folder of this user's, or one that is not there yet.")


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
        nothing = Saying("{}: nothing to make, all is there", context.settings.folder)
        echo(together("\n", made) if made else nothing)
        echo(Saying("Login key: {}", public))
        kept = key_file or "LINJEVAKT_KEY"
        echo(Saying("Back up, in two places: {} (without it no secret opens), and the database.", kept))


def _home(context: Context) -> list[str]:
    folder = context.settings.folder
    if folder.is_dir():
        if folder.stat().st_mode & 0o077:
            raise InvalidInputError(Saying("{folder} is open to others. Close it: chmod 700 {folder}", folder=folder))
        return []
    if folder.exists() or folder.is_symlink():
        raise InvalidInputError(Saying("The home {} is no folder. {}", folder, _ANOTHER))
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        said = Saying("The home {} cannot be made: {}. {}", folder, reason(error), _ANOTHER)
        raise InvalidInputError(said) from error
    return [Saying("{}: made, for its owner only", folder)]


def _database(context: Context) -> list[str]:
    from linjevakt.office import founding  # noqa: PLC0415 - loads the store, which `--help` does without

    return [Saying("database: brought to this program's schema")] if founding.migrate(context.office) else []


def _key(context: Context) -> list[str]:
    """A new key, unless one is given or secrets are there: those need the key that sealed them."""
    from linjevakt.office import founding  # noqa: PLC0415 - as above
    from linjevakt.trust import SealKey  # noqa: PLC0415 - cryptography loads slowly, and only `init` needs it here

    file = context.settings.key_path
    if context.settings.key or file.exists():
        return []
    founding.require_kept(context.office, file)
    key = SealKey.generate()
    key.write(file)
    return [Saying("{}: made, key {}", file, key.id)]


def _secrets(context: Context) -> str:
    """Has the vault hold what the fleet needs; returns the public login key."""
    from linjevakt.office import founding  # noqa: PLC0415 - as above
    from linjevakt.trust import ssh  # noqa: PLC0415 - as above

    founding.prepare(context.office, context.vault)
    return ssh.public_line(context.vault)

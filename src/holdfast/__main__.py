"""The command `holdfast`."""

from holdfast.recover.command import backup_app
from holdfast.runtime.command import app

app.add_typer(backup_app, name="backup")

if __name__ == "__main__":
    app(prog_name="holdfast")

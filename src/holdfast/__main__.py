"""The command `holdfast`."""

from holdfast.runtime.command import app

if __name__ == "__main__":
    app(prog_name="holdfast")

"""Vragenmuur. Run as a program it serves; imported it is only the app."""

if __name__ == "__main__":
    import warnings

    # We know (docs/decisions/0006), and standard error holds nothing but lines of our own.
    warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated")

    # Before any other import: eventlet must patch first, or it freezes later without a word.
    import os

    import eventlet

    eventlet.monkey_patch()
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"  # PostgreSQL's driver waits by it, in Python

from facilitation import create_app

__all__ = ["create_app"]  # what `flask --app app` looks for

if __name__ == "__main__":
    from facilitation.start import run

    raise SystemExit(run())

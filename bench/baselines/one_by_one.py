"""Our own server, but with each command in a transaction of its own, on the loop itself."""

import eventlet

eventlet.monkey_patch()

from facilitation import start
from facilitation.runtime import Green, Threads


class OneByOne(Green):
    """Green threads, but no gathering."""

    gather = Threads.gather


if __name__ == "__main__":
    start.Green = OneByOne  # type: ignore[misc]
    raise SystemExit(start.run())

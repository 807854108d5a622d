"""Little room on a disk: taken away from a running server, and given back."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.server import Server

SIZE = 4 * 1024 * 1024  # bytes
A_PAGE = 4096


class Room(Protocol):
    """A way to run out of room."""

    def take(self, server: Server) -> None: ...

    def give_back(self, server: Server) -> None: ...


class SmallDisk:
    """A disk of a few megabytes, and a file that fills it to the last byte: `SQLITE_FULL`."""

    def take(self, server: Server) -> None:
        # Unbuffered: a buffer would be written again when the file is closed.
        with (server.folder / "instance" / "ballast").open("wb", buffering=0) as ballast:
            for size in (A_PAGE, 1):
                _fill(ballast.fileno(), size)

    def give_back(self, server: Server) -> None:
        (server.folder / "instance" / "ballast").unlink(missing_ok=True)


class SmallFiles:
    """No file of the server may grow any more: `SQLITE_IOERR`, as from a quota or a bad disk."""

    def take(self, server: Server) -> None:
        log = server.database.with_name(server.database.name + "-wal")
        _limit_files(server, log.stat().st_size)

    def give_back(self, server: Server) -> None:
        _limit_files(server, resource.RLIM_INFINITY)


def _fill(descriptor: int, size: int) -> None:
    try:
        while True:
            os.write(descriptor, bytes(size))
    except OSError:
        return


def _limit_files(server: Server, size: int) -> None:
    assert server.process is not None
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, most))


@contextmanager
def a_small_disk(folder: Path) -> Iterator[bool]:
    """Whether this folder is a small disk now: only some machines allow it."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    is_one = bool(shutil.which("mount")) and succeeds(command)
    try:
        yield is_one
    finally:
        if is_one:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0

"""What a keeper sees of a server: its figures, and how much memory it takes."""

from pathlib import Path

import requests

from tests.server import PATIENCE, Server


def figure(server: Server, name: str) -> float:
    """A figure of /metrics; 0 when nothing was counted yet."""
    text = requests.get(f"{server.base}/metrics", timeout=PATIENCE).text
    return sum(
        float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)
    )


def memory_of(server: Server) -> int:
    """Bytes of it that are in memory."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])

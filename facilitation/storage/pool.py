"""Connections for readers in the order of asking: whoever waits longest gets the next one."""

import threading
from collections import deque
from typing import Any

from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool


class InOrder(QueuePool):
    """A pool before which people stand in line.

    The stock pool gives a connection that comes back to whoever runs first. When a whole hall
    fetches at once that is mostly somebody who just came, and the unlucky wait until they give up.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._free = self.size()
        self._line: deque[threading.Event] = deque()
        self._guard = threading.Lock()

    def _do_get(self) -> ConnectionPoolEntry:
        self._wait_in_line()
        try:
            return super()._do_get()
        except BaseException:
            self._call_next()
            raise

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        self._call_next()

    def _wait_in_line(self) -> None:
        called = threading.Event()
        with self._guard:
            if self._free:
                self._free -= 1
                return
            self._line.append(called)
        is_called = False
        try:
            is_called = called.wait(self.timeout())
        finally:
            if not is_called:
                self._leave(called)
        if not is_called:
            raise NoConnection(f"no connection within {self.timeout():.0f} s")

    def _leave(self, called: threading.Event) -> None:
        with self._guard:
            is_in_line = called in self._line
            if is_in_line:
                self._line.remove(called)
        if not is_in_line:
            self._call_next()  # called at the last moment: the turn goes on to the next

    def _call_next(self) -> None:
        with self._guard:
            if self._line:
                self._line.popleft().set()
            else:
                self._free += 1

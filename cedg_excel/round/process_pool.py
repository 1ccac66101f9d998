"""Other processes to read returns in, where there are enough of both to be worth it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from multiprocessing import connection
from pathlib import Path

FEWEST_FORKED, FEWEST_SPAWNED = 12, 60
"""From how many files on other processes win: a copy of this one takes a fiftieth of a second, a new one half a second."""

EACH = 40
"""How many files one process has read by the time this one has loaded its libraries: for fewer, a second would only be in its way."""


@contextmanager
def reading_pool(files: int) -> Iterator[Executor | None]:
    """
    As many processes as are worth it, a processor for each at most; None where reading here is faster.

    However it ends, by an exception or by Ctrl-C, what has not been begun is dropped and no process stays behind.
    """
    processors = available_processors()
    forked = _can_fork()
    if processors < 2 or files < (FEWEST_FORKED if forked else FEWEST_SPAWNED):
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork" if forked else "spawn")
    executor = ProcessPoolExecutor(min(processors, 1 + files // EACH), context, _settle)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def available_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_fork() -> bool:
    """Copies of a process are safe while it has one thread; on a Mac the system's own libraries keep others, and do not say."""
    return sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1


def _settle() -> None:
    """Leave Ctrl-C to the process that began this one, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)

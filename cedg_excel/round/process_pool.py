"""A pool of processes to read returns in, where there are enough files and processors to be worth it."""

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

MIN_FILES_FORKED, MIN_FILES_SPAWNED = 12, 60
"""The number of files from which a pool is faster: forking a process takes a fiftieth of a second, spawning one half a second."""

FILES_PER_PROCESS = 40
"""How many files one process reads while this one loads its libraries: for fewer files a second process would only compete with it."""


@contextmanager
def reading_pool(files: int) -> Iterator[Executor | None]:
    """
    A pool for this number of files, with no more processes than processors; None where reading in this process is faster.

    However it ends, also by an exception or by Ctrl-C, files not yet started are dropped and no process is left running.
    """
    processors = available_processors()
    can_fork = _can_fork()
    if processors < 2 or files < (MIN_FILES_FORKED if can_fork else MIN_FILES_SPAWNED):
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork" if can_fork else "spawn")
    executor = ProcessPoolExecutor(min(processors, 1 + files // FILES_PER_PROCESS), context, _follow_parent)
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
    """Forking is safe while a process has one thread; on a Mac the system's own libraries start threads that cannot be counted."""
    return sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1


def _follow_parent() -> None:
    """Leave Ctrl-C to the parent process, and exit when the parent does, even if it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)

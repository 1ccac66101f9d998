"""One merge in a separate process, forked from a server that has every module loaded, so that a hundred of them are quick."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import cedg_excel.checking.check
import cedg_excel.cli.app
import cedg_excel.master.merge
import cedg_excel.master.workbook
import cedg_excel.round.folder  # loaded once before the fork, not after each one

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.helpers.merging"])


def start(folder: Path, *arguments: str, kill_at: int = 0) -> ForkServerProcess:
    """Start `cedg merge ARGUMENTS` in a round folder. `kill_at` kills it just before that file operation, counted from 1."""
    process = _CONTEXT.Process(target=_merge, args=(folder, arguments, kill_at))
    process.start()
    return process


def merge(folder: Path, *arguments: str, kill_at: int = 0) -> int:
    """Run it to its end. Returns the exit status; -9 when it was killed."""
    process = start(folder, *arguments, kill_at=kill_at)
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def _merge(folder: Path, arguments: tuple[str, ...], kill_at: int) -> None:
    os.chdir(folder)
    sys.argv = ["cedg", "merge", *arguments]
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 until the process ends
    if kill_at:
        sys.addaudithook(_Killer(str(folder), kill_at))
    cedg_excel.cli.app.main()


CHANGES = {"os.rename", "os.remove", "os.link", "os.chmod", "os.truncate", "os.mkdir", "shutil.move", "shutil.copyfile"}


class _Killer:
    """Counts the operations on files of a folder, which Python announces in audit events, and kills the process just before one of them."""

    def __init__(self, folder: str, at: int) -> None:
        self.folder, self.left = folder, at

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._touches(event, arguments):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def _touches(self, event: str, arguments: tuple[object, ...]) -> bool:
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        else:
            path, writes = arguments[0] if arguments else None, event in CHANGES
        return writes and isinstance(path, str | os.PathLike) and os.path.abspath(path).startswith(self.folder)  # noqa: PTH100 resolve would open files

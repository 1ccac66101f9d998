"""
The `cedg` command: its commands in the order of `cedg --help`, and how a run of it ends.

What a command needs is imported when it runs, so that help is shown at once.
"""

from __future__ import annotations

import atexit
import gc
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from cedg_excel.cli import closing_commands, master_commands, plan_commands, round_commands, setup_commands
from cedg_excel.cli.exit_status import ExitStatus
from cedg_excel.cli.output import print_error
from cedg_excel.errors import CedgError, Stopped
from cedg_excel.garbage_collection import infrequent_gc


class _CommandGroup(TyperGroup):
    """Turns Ctrl-C into a sentence, before typer ends the program in its own way."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Stopped("Stopped. Every file is either unchanged or complete; run the same command again to do the rest.") from None


app = typer.Typer(
    cls=_CommandGroup,
    help="Locked Excel copies of a delivery plan for each agency, and one checked master workbook back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(plan_commands.app, name="plan", short_help="Start a plan, check it, convert it, compare two versions.")
app.command(short_help="Create a round folder: the plan, folders for files, buttons.")(setup_commands.init)
app.command(short_help="Write each agency's locked copy for a period.")(round_commands.template)
app.command(short_help="List what is wrong with returned copies, and where.")(round_commands.check)
app.command()(round_commands.merge)
app.command(short_help="Take an agency's return out of the master.")(master_commands.withdraw)
app.command(short_help="Prove that the master equals the returns.")(master_commands.reconcile)
app.command("map")(round_commands.map_)
app.command()(master_commands.data)
app.command(short_help="Show who has sent a return and who has not.")(round_commands.status)
app.command("excel-setup", short_help="Tell the control workbook where Python is.")(setup_commands.excel_setup)
app.command(short_help="Write the closure report, or a progress report, in Word.")(closing_commands.closure)
app.command(short_help="Write the plan that follows this one.")(closing_commands.rollover)
app.command(short_help="Run two quarters of the real plan on sample returns.")(setup_commands.demo)


def main() -> None:
    """Run a command. What it refuses to do is one sentence on stderr and exit status 2."""
    # Frozen objects are skipped by Python's final collection, which would take a quarter of a second with pandas loaded.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # The name of a file on Linux may be no text at all.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        with infrequent_gc():
            app()
    except CedgError as refusal:
        print_error(str(refusal))
        sys.exit(ExitStatus.STOPPED if isinstance(refusal, Stopped) else ExitStatus.REFUSED)
    except BrokenPipeError:
        # The program that reads our output, such as `head`, has closed the pipe.
        sys.stderr.close()
        sys.exit(ExitStatus.CLEAN)
    except OSError as error:
        # A failure of the system that no command expects: a name that is too long, a disk that is full or disconnected.
        file = f" on {error.filename}" if error.filename else ""
        print_error(f"The system reported an error{file}: {error.strerror or error}. "
                    "Check the name, the disk space and your permissions; then run this again.")  # fmt: skip
        sys.exit(ExitStatus.REFUSED)

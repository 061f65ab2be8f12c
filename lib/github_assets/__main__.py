"""The front doors: `detect` and `build` for the lifecycle, all other commands for a terminal."""

from __future__ import annotations

import os
import sys

from github_assets.errors import GithubAssetsError, Interrupted, OutputUnavailable
from github_assets.log import Log, output_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType
    from typing import NoReturn

ERROR = 1
CLOSED_PIPE = 128 + 13
"""What a shell reports for a program that SIGPIPE has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; every error is printed as one message."""
    command, *rest = (sys.argv[1:] if arguments is None else arguments) or [""]
    log = Log() if command in ("detect", "build") else Log(sys.stderr or open(os.devnull, "w"))  # noqa: SIM115
    try:
        try:
            return _run(command, rest, log)
        finally:
            _flush_output()
    except GithubAssetsError as error:
        return _report(error, log)
    except KeyboardInterrupt:  # detect's
        return 128 + 2
    except Exception as error:
        from github_assets.messages import unexpected

        log.error(unexpected(error))
        return ERROR


def run() -> NoReturn:
    """Run the command of the process, and end it."""
    # To take the interpreter apart first would take a tenth of a build's time, and fail where a thread still writes.
    os._exit(main())


def _report(error: GithubAssetsError, log: Log) -> int:
    """Print an error and return the exit status."""
    if isinstance(error, OutputUnavailable):
        _drop_unwritten()
        if error.closed:  # whoever read it, such as head, has read enough
            return CLOSED_PIPE
    from github_assets.messages import message

    log.error(message(error))
    return 128 + error.signal if isinstance(error, Interrupted) else ERROR


def _flush_output() -> None:
    """Write what argparse may have printed. Raises OutputUnavailable."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError as error:
        raise output_error(error) from None


def _drop_unwritten() -> None:
    """Drop what cannot be written. The interpreter would try it once more when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(command: str, arguments: Sequence[str], log: Log) -> int:
    if command == "detect":
        from github_assets.buildpack.context import detect_context
        from github_assets.buildpack.detect import detect

        return detect(detect_context(arguments, os.environ), log)
    if command == "build":
        import gc

        gc.disable()  # not worth the time in such a short process
        from github_assets.buildpack.build import build
        from github_assets.buildpack.context import build_context

        _unwind_when_interrupted()
        build(build_context(arguments, os.environ), log)
        return 0
    from github_assets.cli.parser import run
    from github_assets.config.settings import Environment, read_color

    log.color = read_color(Environment(None, os.environ))
    return run([command, *arguments] if command else [], os.environ, log)


def _unwind_when_interrupted() -> None:
    """Turn signals into errors, so that half-written layers are removed. Detect has nothing to clean up."""
    import signal

    def interrupt(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        # Objects that were being created when the signal came complain when they are deleted.
        sys.unraisablehook = lambda _: None
        raise Interrupted(signal=number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)


if __name__ == "__main__":
    run()

"""The front door: `detect` and `build` for the lifecycle."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from github_assets.errors import GithubAssetsError, Interrupted
from github_assets.log import Log

ERROR = 1
USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status of one command; every error becomes one message."""
    command, *rest = (sys.argv[1:] if arguments is None else arguments) or [""]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    log = Log()
    try:
        return _run(command, rest, log)
    except GithubAssetsError as error:
        from github_assets.messages import message

        log.error(message(error))
        return 128 + error.signal if isinstance(error, Interrupted) else ERROR
    except Exception as error:
        from github_assets.messages import unexpected

        log.error(unexpected(error))
        return ERROR


def _run(command: str, arguments: Sequence[str], log: Log) -> int:
    if command == "detect":
        from github_assets.buildpack.context import detect_context
        from github_assets.buildpack.detect import detect

        return detect(detect_context(arguments, os.environ), log)
    if command == "build":
        from github_assets.buildpack.build import build
        from github_assets.buildpack.context import build_context

        build(build_context(arguments, os.environ), log)
        return 0
    if command == "choose":
        from github_assets.cli import choose

        return choose.run(list(arguments))
    log.error("Usage: github-assets choose …")
    return USAGE


def _interrupt(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise Interrupted(signal=number)


if __name__ == "__main__":
    sys.exit(main())

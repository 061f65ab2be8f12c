"""A progress bar on standard error, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from github_assets.github.releases import ReleaseAsset
from github_assets.log import Log


@contextmanager
def progress_bar(asset: ReleaseAsset, log: Log) -> Iterator[Callable[[int], None] | None]:
    """Yield the function to call with the bytes that have come, None where nobody would see the bar."""
    if log.quiet or not (sys.stderr and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(TextColumn("    {task.description}", markup=False), *columns, console=console, transient=True) as bar:
        task = bar.add_task(asset.name, total=asset.size)
        yield lambda received: bar.update(task, completed=received)

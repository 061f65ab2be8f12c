"""`outdated`: prints the assets of which there are newer releases than those that are locked or configured."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from github_assets.cli.application import Application
from github_assets.cli.options import NO, add_configuration, add_json
from github_assets.config.request import AssetRequest
from github_assets.config.versions import LATEST
from github_assets.errors import GithubAssetsError
from github_assets.errors.github import NoLatestRelease
from github_assets.errors.selection import NoMatchingRelease
from github_assets.github.releases import Release
from github_assets.parallel import collect_errors, raise_error
from github_assets.resolution.plan import find_releases
from github_assets.selection.release_choice import is_newer

SUMMARY = "print the assets that have newer releases than those locked or configured"
EXAMPLES = (("github-assets outdated", "in the application's directory"),)


class Versions(NamedTuple):
    """The tags of an asset's releases."""

    repository: str
    version: str
    """As configured."""
    current: str | None
    """What a build installs; None if there is a lock file without it."""
    wanted: str
    """The newest that `version` allows."""
    latest: str | None
    """The newest, whatever `version` says; None if there is none but pre-releases."""
    outdated: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_configuration(parser)
    add_json(parser)


def run(application: Application) -> int:
    """Print a line for each outdated asset, and return 3 if there are any."""
    requests = list(dict.fromkeys(application.requests))
    newest = [each._replace(version=LATEST) for each in requests]
    found = find_releases([*requests, *newest], application.session)
    wanted = collect_errors(raise_error, found[: len(requests)])
    latest = collect_errors(_or_none, found[len(requests) :])
    rows = [_versions(application, *each) for each in zip(requests, wanted, latest, strict=True)]
    outdated = [row for row in dict.fromkeys(rows) if row.outdated]
    application.print(_table(outdated), {"assets": [row._asdict() for row in dict.fromkeys(rows)]})
    if any(row.current != row.wanted for row in outdated):
        application.log.step("To lock what is wanted: github-assets lock --upgrade")
    return NO if outdated else 0


def _or_none(outcome: Release | GithubAssetsError) -> Release | None:
    """Return a latest release. Raises what it means if there is none, unless it is that there is none."""
    if isinstance(outcome, (NoLatestRelease, NoMatchingRelease)):
        return None
    return raise_error(outcome)


def _versions(application: Application, request: AssetRequest, wanted: Release, latest: Release | None) -> Versions:
    lock = application.lock
    current = lock.tag_of(request, application.servers) if lock else wanted.tag
    newest = latest.tag if latest and is_newer(latest.tag, wanted.tag, request) else wanted.tag
    return Versions(
        repository=str(request.repository),
        version=request.version.text,
        current=current,
        wanted=wanted.tag,
        latest=latest.tag if latest else None,
        outdated=current is None or is_newer(newest, current, request),
    )


def _table(rows: Sequence[Versions]) -> list[str]:
    """Return the rows below their headings, in columns; nothing for no rows."""
    if not rows:
        return []
    texts = [("repository", "current", "wanted", "latest")]
    texts += [(row.repository, row.current or "not locked", row.wanted, row.latest or "none") for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in texts]

"""What can be said against a request before anybody asks GitHub."""

from __future__ import annotations

from github_assets.config.request import LATEST, AssetRequest
from github_assets.selection.versions import is_range, parse_range, parse_tag_pattern

_PATTERN_MARKS = frozenset("*?[{/")


def check_request(request: AssetRequest) -> None:
    """Raise SettingInvalid where VERSION, tag_pattern or FILE has a form that means nothing."""
    if request.version != LATEST and is_range(request.version):
        parse_range(request.version, request.where("version"))
    if request.tag_pattern is not None:
        parse_tag_pattern(request.tag_pattern, request.where("tag_pattern"))
    if request.file is not None and not _PATTERN_MARKS.isdisjoint(request.file):
        from github_assets.selection.patterns import parse_pattern  # detect mostly sees plain names

        parse_pattern(request.file, request.where("file"))

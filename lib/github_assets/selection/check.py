"""What can be said against a request before anybody asks GitHub."""

from __future__ import annotations

from github_assets.config.request import LATEST, AssetRequest
from github_assets.config.syntax import is_range

_PATTERN_MARKS = frozenset("*?[{/")


def check_request(request: AssetRequest) -> None:
    """Raise SettingInvalid where VERSION, tag_pattern or FILE has a form that means nothing."""
    # Detect mostly sees a tag and a plain name: what reads ranges and patterns is imported where there is one.
    if request.version != LATEST and is_range(request.version):
        from github_assets.selection.release_choice import parse_range

        parse_range(request.version, request.where("version"))
    if request.tag_pattern is not None:
        from github_assets.selection.release_choice import parse_tag_pattern

        parse_tag_pattern(request.tag_pattern, request.where("tag_pattern"))
    if request.file is not None and not _PATTERN_MARKS.isdisjoint(request.file):
        from github_assets.selection.patterns import parse_pattern

        parse_pattern(request.file, request.where("file"))

"""What can be said against a request before anybody asks GitHub."""

from __future__ import annotations

from github_assets.config.request import LATEST, AssetRequest

_PATTERN_MARKS = frozenset("*?[{/")


def check_request(request: AssetRequest) -> None:
    """Raise SettingInvalid where VERSION, tag_pattern or FILE has a form that means nothing."""
    # Detect mostly sees a tag and a plain name: what reads ranges and patterns is imported where there is one.
    if request.version != LATEST and is_range(request.version):
        from github_assets.selection.versions import parse_range

        parse_range(request.version, request.where("version"))
    if request.tag_pattern is not None:
        from github_assets.selection.versions import parse_tag_pattern

        parse_tag_pattern(request.tag_pattern, request.where("tag_pattern"))
    if request.file is not None and not _PATTERN_MARKS.isdisjoint(request.file):
        from github_assets.selection.patterns import parse_pattern

        parse_pattern(request.file, request.where("file"))


def is_range(version: str) -> bool:
    """Return whether VERSION is a range rather than a tag, `latest` or a number; it may be one without meaning."""
    if version.startswith(tuple("^~<>=!*")):
        return True
    number = without_v(version).lower()
    parts = number.split(".")
    return number[:1].isdigit() and (
        any(character in "<>=!^~*, " for character in number)
        or ("x" in parts and all(part == "x" or part.isdigit() for part in parts))
    )


def without_v(text: str) -> str:
    """Return a version number without the `v` in front of it; any other text as it is."""
    return text[1:] if text[:1] in ("v", "V") and text[1:2].isdigit() else text

"""What one name alone tells of a choice: whether it can have been the asset for a platform.

`choose` sees a whole release; a lock file holds one name of it. What is refused here is refused whatever else there is.
"""

from __future__ import annotations

from github_assets.config.patterns import Pattern
from github_assets.platforms import Platform
from github_assets.selection.asset_names import Role, bare_words, parse_name
from github_assets.selection.patterns import expand
from github_assets.selection.vocabulary import ANY, BARE_32, BARE_64, BARE_ARM, BARE_X86, Kind

_PROGRAMS = (Kind.NATIVE, Kind.APPIMAGE, Kind.PORTABLE)
_ARCHITECTURES = {BARE_64: ("amd64",), BARE_32: ("386",), BARE_ARM: ("arm", "arm64"), BARE_X86: ("386", "amd64")}


def may_be_chosen(name: str, platform: Platform, tag: str, pattern: Pattern | None) -> bool:
    """Return whether `choose` can have returned the name, for a release that has it and this tag.

    Raises ExpressionTooSlow.
    """
    if pattern and pattern.text == name:
        return True
    if pattern:
        expanded = expand(pattern, platform, tag)
        if expanded.exact or not expanded.select([name]):
            return name == expanded.text
    parsed = parse_name(name, tag, frozenset(bare_words(name)))  # every word may be one of the tool's name
    systems = {word.value for word in parsed.words if word.role is Role.OS}
    architectures = {word.value for word in parsed.words if word.role is Role.ARCH}
    return (
        parsed.kind in _PROGRAMS
        and (not systems or platform.os in systems)
        and (not architectures or any(_runs_on(each, platform.arch) for each in architectures))
    )


def _runs_on(architecture: str, arch: str) -> bool:
    return architecture in (ANY, arch) or arch in _ARCHITECTURES.get(architecture, ())

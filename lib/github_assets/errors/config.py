"""What can be wrong with what the user configured."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from github_assets.locations import Location


class SettingInvalid(GithubAssetsError):
    """A value that a setting cannot have; `where` names its variable or file and key."""

    where: str
    value: str
    expected: str


class SettingMissing(GithubAssetsError):
    """A setting without which the others mean nothing."""

    name: str
    because: str


class SettingMistyped(GithubAssetsError):
    """A value of another type than the setting has; `found` and `expected` describe types, not the value."""

    where: str
    found: str
    expected: str


class SettingsConflict(GithubAssetsError):
    """Settings of which there can be only one."""

    where: str
    settings: Sequence[str]


class KeyUnknown(GithubAssetsError):
    """A key or a table that does not exist there; `known` holds those that do, nearest first."""

    where: str
    key: str
    known: Sequence[str]


class KeyMissing(GithubAssetsError):
    """A key without which the table means nothing."""

    source: Location
    key: str


class FileUnreadable(GithubAssetsError):
    """A file that can't be read as what its name says; `reason` tells line and column where there are any."""

    file: str
    reason: str


class TokenMissing(GithubAssetsError):
    """The variable that should hold the token of `source` is not set."""

    name: str
    source: Location


class TargetConflict(GithubAssetsError):
    """Two assets would write the same file."""

    target: str
    sources: Sequence[str]


class NoAssetsConfigured(GithubAssetsError):
    """Nothing is asked for, where something must be."""

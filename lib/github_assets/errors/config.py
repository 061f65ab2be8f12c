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
    shared_name: bool = False
    """Whether other tools use the variable's name too."""


class ValueQuoted(GithubAssetsError):
    """A value whose quotation marks were meant for a shell, and became part of it."""

    setting: str


class SettingMissing(GithubAssetsError):
    """A setting without which the others mean nothing; `similar` is a variable that is set and was perhaps meant."""

    name: str
    because: str
    similar: str | None = None


class VariableUnknown(GithubAssetsError):
    """A variable with our prefix that is not ours: nearly the `nearest`, or a `key` that only tables have."""

    name: str
    nearest: str | None = None
    key: str | None = None


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


class MergeConflict(GithubAssetsError):
    """A file with the marks that version control leaves where it could not merge; `line` has the first."""

    file: str
    line: int


class ApplicationPath(GithubAssetsError):
    """A setting leads to certificates or bindings that the application may have brought; `where` names the setting."""

    where: str
    path: str


class BindingPublished(GithubAssetsError):
    """A binding with a token is part of the application, and of the image; `path` is relative to the application."""

    path: str


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

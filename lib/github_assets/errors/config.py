"""Errors in the configuration."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from github_assets.locations import Location


class SettingInvalid(GithubAssetsError):
    """The value of a setting is invalid; `where` names its variable, or its file and key."""

    where: str
    value: str
    expected: str
    shared_name: bool = False
    """Whether other tools use the variable's name too."""


class ValueQuoted(GithubAssetsError):
    """A value whose quotation marks were meant for a shell, and became part of it."""

    setting: str


class SettingMissing(GithubAssetsError):
    """A setting that others depend on is not set; `because` names these, `similar` one that may have been meant."""

    name: str
    because: str
    similar: str | None = None


class VariableUnknown(GithubAssetsError):
    """A variable with our prefix that is not ours: nearly the `nearest`, or a `key` that only tables have."""

    name: str
    nearest: str | None = None
    key: str | None = None


class SettingMistyped(GithubAssetsError):
    """The value of a setting has the wrong type; `found` and `expected` describe types, not the value."""

    where: str
    found: str
    expected: str


class SettingsConflict(GithubAssetsError):
    """Settings exclude each other."""

    where: str
    settings: Sequence[str]


class KeyUnknown(GithubAssetsError):
    """A key or table is unknown; `known` lists the known ones, closest first."""

    where: str
    key: str
    known: Sequence[str]


class KeyMissing(GithubAssetsError):
    """A table has no required key."""

    source: Location
    key: str


class FileUnreadable(GithubAssetsError):
    """A file cannot be read or parsed; `reason` includes line and column if known.

    `excerpt` is the line of TOML or YAML that cannot be parsed: its number, its text, and the column in that text. Both
    count from 1.
    """

    file: str
    reason: str
    excerpt: tuple[int, str, int] | None = None


class NotEditable(GithubAssetsError):
    """A file whose list of assets cannot be added to without rewriting it; `lines` are what is to be added."""

    file: str
    lines: Sequence[str]


class MergeConflict(GithubAssetsError):
    """A file with the marks that version control leaves where it could not merge; `line` has the first."""

    file: str
    line: int


class ApplicationPath(GithubAssetsError):
    """A setting names certificates or bindings in a path that the application can write to."""

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


class VariableConflict(GithubAssetsError):
    """Several assets set an environment variable of the image."""

    name: str
    sources: Sequence[str]


class NoAssetsConfigured(GithubAssetsError):
    """No assets are configured, but some must be."""

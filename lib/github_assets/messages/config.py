"""Messages for `errors.config`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import config as e
from github_assets.messages.wording import quoted

NOT_SHOWN = "(not shown)"
"""Replaces a value that may be secret."""


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.SettingInvalid():
            shown = error.value if error.value == NOT_SHOWN else quoted(error.value)
            return f"{error.where} is invalid: {shown}.", f"Expected: {error.expected}."
        case e.SettingMissing():
            return (
                f"{error.name} is required because {error.because}.",
                f"Set it with --env {error.name}=owner/name, or in [[build.env]] in project.toml.",
            )
        case e.NoAssetsConfigured():
            return (
                "No assets are configured.",
                "Set REPO with --env REPO=owner/name, or in [[build.env]] in project.toml.",
            )
        case e.SettingMistyped():
            return f"{error.where} is {error.found}.", f"Expected: {error.expected}."
        case e.SettingsConflict():
            return f"{error.where} has both {' and '.join(error.settings)}.", "Keep only one."
        case e.KeyUnknown():
            if error.key.lower() == "token":
                return (
                    f"{error.where} contains a token.",
                    "Remove it. Put it in an environment variable, and name that variable in token_env.",
                )
            nearest, *more = (quoted(key) for key in error.known)
            others = f" Other keys: {', '.join(more)}." if more else ""
            return f"{error.where} has the unknown key {quoted(error.key)}.", f"Did you mean {nearest}?{others}"
        case e.KeyMissing():
            return f"{error.source} has no {error.key}.", f"Add it: {error.source.assignment(error.key, 'owner/name')}"
        case e.FileUnreadable():
            return f"Cannot read {error.file}: {error.reason}.", "Fix the file, or remove it."
        case e.TokenMissing():
            return (
                f"{error.name} is not set, but token_env of {error.source} names it.",
                f"Set it with pack build --env {error.name}, or remove token_env.",
            )
        case e.TargetConflict():
            return (
                f"{' and '.join(error.sources)} would both write {error.target}.",
                "Set a different target for one of them.",
            )
    raise TypeError(type(error).__name__)

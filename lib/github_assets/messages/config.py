"""The messages of `errors.config`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import config as e
from github_assets.messages.wording import quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.SettingInvalid():
            return f"{error.where} has the value {quoted(error.value)}.", f"Expected: {error.expected}."
        case e.SettingMissing():
            return (
                f"{error.name} is not set, although {error.because}.",
                f"Set it: --env {error.name}=owner/name, or [[build.env]] in project.toml.",
            )
        case e.NoAssetsConfigured():
            return (
                "no asset is configured.",
                "Set REPO: --env REPO=owner/name, or [[build.env]] in project.toml.",
            )
        case e.SettingMistyped():
            return f"{error.where} is {error.found}.", f"Expected: {error.expected}."
        case e.SettingsConflict():
            return f"{error.where} has both {' and '.join(error.settings)}.", "Keep one of them."
        case e.KeyUnknown():
            if error.key.lower() == "token":
                return f"{error.where} holds a token.", "Take it out: token_env names the variable that it stands in."
            nearest, *more = (quoted(key) for key in error.known)
            others = f" There are also {', '.join(more)}." if more else ""
            return f"{error.where} has an unknown key {quoted(error.key)}.", f"Did you mean {nearest}?{others}"
        case e.KeyMissing():
            return f"{error.where} has no {error.key}.", f'Set it: {error.key} = "owner/name".'
        case e.FileUnreadable():
            return f"{error.file} can't be read: {error.reason}.", "Correct it, or remove it."
        case e.ApplicationPath():
            return (
                f"{error.where} names {quoted(error.path)}, which the application can fill.",
                "Whom a build trusts is not the application's to say: mount the file as a volume, or as a binding"
                " (type ca-certificates for certificates).",
            )
        case e.TokenMissing():
            return (
                f"{error.name} is not set, although {error.source} names it in token_env.",
                f"Set it for the build (pack build --env {error.name}), or remove token_env.",
            )
        case e.TargetConflict():
            return (
                f"{error.target} would be written twice, for {' and '.join(error.sources)}.",
                "Set another target for one of them.",
            )
    raise TypeError(type(error).__name__)

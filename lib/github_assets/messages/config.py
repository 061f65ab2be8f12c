"""The messages of `errors.config`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import config as e
from github_assets.messages.wording import quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.SettingInvalid():
            advice = f"Expected: {error.expected}."
            return (
                f"{error.where} has the value {quoted(error.value)}.",
                f"{advice}\n{_other_tool(error.where)}" if error.shared_name else advice,
            )
        case e.ValueQuoted():
            return (
                f"{error.setting} has quotes around its value, which are part of it.",
                "Remove them: env files and pipelines pass values as they stand.",
            )
        case e.VariableUnknown():
            return (
                f"{error.name} is set, and no variable of this buildpack.",
                f"{error.key} has no variable: describe the asset in a file, such as github-assets.toml."
                if error.key
                else f"Did you mean {error.nearest}?",
            )
        case e.SettingMissing():
            hint = f"Did you mean {error.name} by {error.similar}? " if error.similar else ""
            advice = f"{hint}Set it: --env {error.name}=owner/name, or [[build.env]] in project.toml."
            shared = not error.name.startswith("BP_")
            return (
                f"{error.name} is not set, although {error.because}.",
                f"{advice}\n{_other_tool('they')}" if shared else advice,
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
            return f"{error.source} has no {error.key}.", f"Set it: {error.source.assignment(error.key, 'owner/name')}"
        case e.FileUnreadable():
            return f"{error.file} can't be read: {error.reason}.", "Correct it, or remove it."
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


def _other_tool(variables: str) -> str:
    verb = "are" if variables == "they" else "is"
    return (
        f"If {variables} {verb} for another tool, set BP_GITHUB_ASSET_REPO, which this buildpack reads first,"
        " or switch the buildpack off: BP_GITHUB_ASSETS_ENABLED=false."
    )

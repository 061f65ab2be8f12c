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
            advice = f"Expected: {error.expected}."
            return (
                f"{error.where} is invalid: {shown}.",
                f"{advice}\n{_other_tool(error.where)}" if error.shared_name else advice,
            )
        case e.ValueQuoted():
            return (
                f"The value of {error.setting} starts with a quotation mark.",
                "Remove the quotes: env files and pipelines pass them on as part of the value.",
            )
        case e.VariableUnknown():
            return (
                f"{error.name} is set, but this buildpack has no such variable.",
                f"{error.key} has no variable. Configure the asset in a file instead, such as github-assets.toml."
                if error.key
                else f"Did you mean {error.nearest}?",
            )
        case e.SettingMissing():
            hint = f"{error.similar} is set: did you mean {error.name}? " if error.similar else ""
            advice = f"{hint}Set it with --env {error.name}=owner/name, or in [[build.env]] in project.toml."
            shared = not error.name.startswith("BP_")
            return (
                f"{error.name} is required because {error.because}.",
                f"{advice}\n{_other_tool('they')}" if shared else advice,
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
            return f"Cannot read {error.file}: {error.reason}.{_excerpt(error.excerpt)}", "Fix the file."
        case e.NotEditable():
            return (
                f"Cannot add to {error.file} without rewriting it.",
                "\n".join(["Add this to its list of assets:", *(f"  {line}" for line in error.lines)]),
            )
        case e.MergeConflict():
            advice = "Resolve it, and commit the file."
            if error.file.endswith(".lock"):
                advice = "Keep either side, then run github-assets lock, which adds what is missing."
            return f"{error.file} has an unresolved merge conflict, at line {error.line}.", advice
        case e.ApplicationPath():
            return (
                f"{error.where} names {quoted(error.path)}, which the application can write to.",
                "An application must not decide whom its build trusts. Mount the file as a volume, or provide it in a"
                " binding (for certificates, of type ca-certificates).",
            )
        case e.BindingPublished():
            return (
                f"{error.path} in the application is a binding with a token, and would become part of the image.",
                "Move it out of the application's directory, and mount it as a volume. If anyone else has the source or"
                " an image of it, revoke the token.",
            )
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
        case e.VariableConflict():
            return (
                f"{' and '.join(error.sources)} set {error.name} in env.",
                "Set it in one of them. Only append and prepend can be combined, in different layers.",
            )
    raise TypeError(type(error).__name__)


def _excerpt(excerpt: tuple[int, str, int] | None) -> str:
    """Return the line at fault, with a caret below the fault."""
    if excerpt is None:
        return ""
    number, text, column = excerpt
    return f"\n  {number} | {text}\n  {' ' * len(str(number))} | {' ' * min(column - 1, len(text))}^"


def _other_tool(variables: str) -> str:
    verb = "are" if variables == "they" else "is"
    return (
        f"If {variables} {verb} meant for another tool, set BP_GITHUB_ASSET_REPO instead, which takes precedence,"
        " or disable this buildpack with BP_GITHUB_ASSETS_ENABLED=false."
    )

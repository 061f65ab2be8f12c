"""The messages of `errors.resolution`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import resolution as e
from github_assets.messages.wording import listed


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.LockInvalid():
            return (
                f"{error.where} {error.reason}.",
                "Take the file from version control again, or make it anew: github-assets lock --upgrade.",
            )
        case e.LockOutdated():
            return (
                "\n  ".join([f"{error.file} does not fit the configuration:", *error.differences]),
                f"Bring it up to date, and commit it: {error.command}",
            )
        case e.LockMismatch():
            return (
                "\n  ".join([f"GitHub no longer has what {error.file} holds:", *error.differences]),
                f"Find out why; then take what there is now: {error.command}",
            )
        case e.FolderMismatch():
            return (
                "\n  ".join([f"{error.folder} does not hold what {error.file} does:", *error.differences]),
                f"Fetch it: {error.command}",
            )
        case e.LockConflict():
            return (
                f"{error.file} has an unresolved merge conflict (line {error.line}).",
                f"Take one side of it, then add what the other side has: git checkout --ours {error.file} &&"
                f" {error.command}",
            )
        case e.UnexpectedChange():
            return (
                "\n  ".join([f"GitHub has something else than {error.file}:", *error.differences]),
                f"Nothing was written. Find out why. To accept it: {error.command}",
            )
        case e.RepositoryNotConfigured():
            return (
                f"{error.option} names {error.name}, of which no asset is configured.",
                listed("These are configured", error.known, ""),
            )
        case e.ConfiguredDigestMismatch():
            return (
                f"{error.where} is not that of {error.name} of {error.repository} {error.tag}.\n"
                f"  configured: {error.configured}\n  GitHub has: {error.published}",
                "Nothing was downloaded. Check where the configured value comes from, and correct it.",
            )
        case e.LockMissing():
            return f"there is no {error.file}.", f"Write it: {error.command}"
        case e.UnverifiedAsset():
            return (
                f"nothing vouches for {error.name} of {error.repository} {error.tag}, and verify demands it.",
                "Set sha256 for this asset, after you have checked it.",
            )
        case e.AttestationRefused():
            hint = (
                "GitHub's own authority signs releases and what private repositories make: give its trusted root,"
                " a file that gh attestation trusted-root prints, with --trusted-root."
            )
            advice = "Report it to the repository's owners."
            if "no trusted root" in error.reason:
                advice = hint
            elif error.reason.startswith("it is signed by https://github.com/"):
                advice = "If its releases are rightly made by that repository's workflow, name it with --signer."
            return f"the attestation of {error.name} is not valid: {error.reason}.", advice
        case e.AttestationMissing():
            return (
                f"{error.name} of {error.repository} {error.tag} has no attestation.",
                f"Drop {error.required_by}, or ask the repository's owners to publish attestations.",
            )
        case e.ExtraMissing():
            return (
                f"the packages of the extra {error.extra} are not installed.",
                f'Install them: pip install "github-assets-cnb[{error.extra}]".',
            )
    raise TypeError(type(error).__name__)

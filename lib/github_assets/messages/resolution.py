"""Messages for `errors.resolution`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import resolution as e
from github_assets.messages.wording import fact, listed

_SOURCE = "git+https://github.com/cage1016/github-assets-cnb"


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.LockInvalid():
            return (
                f"{error.where} {error.reason}.",
                "Restore the file from version control, or regenerate it: github-assets lock --upgrade",
            )
        case e.LockOutdated():
            return (
                "\n  ".join([f"{error.file} does not match the configuration:", *error.differences]),
                f"Update it and commit it: {error.command}",
            )
        case e.LockMismatch():
            return (
                "\n  ".join([f"GitHub's releases no longer match {error.file}:", *error.differences]),
                f"Find out why. To accept the current assets: {error.command}",
            )
        case e.FolderMismatch():
            return (
                "\n  ".join([f"{error.folder} does not match {error.file}:", *error.differences]),
                f"Fetch the assets again: {error.command}",
            )
        case e.ImageMismatch():
            return (
                "\n  ".join([f"{error.image} does not match {error.file}:", *error.differences]),
                f"Build it again with this {error.file}, and find out why if it still differs.",
            )
        case e.NothingToVerify():
            return (
                f"Nothing was verified: {error.file} has no assets for {', '.join(error.platforms)}.",
                "Pass --platform with a platform that is locked, or lock these platforms first.",
            )
        case e.UnexpectedChange():
            return (
                "\n  ".join([f"GitHub has changed what {error.file} pins:", *error.differences]),
                f"Nothing was written. Find out why. To accept it: {error.command}",
            )
        case e.RepositoryNotConfigured():
            return (
                f"{error.option}: no asset of {error.name} is configured.",
                listed("Configured repositories", error.known, "repo", None),
            )
        case e.ConfiguredDigestMismatch():
            return (
                f"{error.where} does not match {error.name} of {error.repository} {error.tag}.\n"
                f"{fact('configured', error.configured)}\n{fact('published', error.published)}",
                "Nothing was downloaded. Correct the setting, or find out why GitHub has other bytes.",
            )
        case e.LockMissing():
            return f"{error.file} not found.", f"Create it: {error.command}"
        case e.UnverifiedAsset():
            return (
                f"Cannot verify {error.name} of {error.repository} {error.tag}: no checksum is published.",
                f"Check the asset and set {error.source.setting('sha256')}, or remove {error.required_by},"
                " which requires a checksum.",
            )
        case e.NotAttested():
            return (
                f"{error.where} requires an attestation of {error.repository}, and {error.file} has none.",
                "Verify and record it: github-assets lock",
            )
        case e.AttestationRefused():
            hint = (
                "GitHub's own authority signs releases and the builds of private repositories. Save the output of"
                " gh attestation trusted-root to a file, and pass it with --trusted-root."
            )
            advice = "Report this to the repository's owners."
            if "no trusted root" in error.reason:
                advice = hint
            elif error.reason.startswith("it is signed by https://github.com/"):
                advice = "If that repository's workflow is meant to build these releases, allow it with --signer."
            return f"The attestation of {error.name} is invalid: {error.reason}.", advice
        case e.AttestationMissing():
            return (
                f"{error.name} of {error.repository} {error.tag} has no attestation.",
                f"Drop {error.required_by}, or ask the repository's owners to publish attestations.",
            )
        case e.ExtraMissing():
            return (
                f"The packages of the extra {error.extra} are not installed.",
                f'Install them: pip install "github-assets-cnb[{error.extra}] @ {_SOURCE}"',
            )
    raise TypeError(type(error).__name__)

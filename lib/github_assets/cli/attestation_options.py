"""`--attestations` and its companions. Sigstore is imported when an attestation is to be verified."""

from __future__ import annotations

import argparse
from functools import cached_property
from typing import TYPE_CHECKING

from github_assets.cli.application import Application, existing_file
from github_assets.config.names import valid_repository_name
from github_assets.config.request import AUTO, REQUIRED, AssetRequest, Repository
from github_assets.errors.resolution import AttestationMissing
from github_assets.resolution.lock import Attestation, LockedAsset

if TYPE_CHECKING:
    from github_assets.resolution.attestations import AttestationVerifier


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--attestations`, `--signer` and `--trusted-root` to a command."""
    parser.add_argument(
        "--attestations",
        nargs="?",
        const=AUTO,
        choices=(AUTO, REQUIRED),
        help="verify GitHub's attestations and record their signers; required: fail if an asset has none",
    )
    parser.add_argument(
        "--signer",
        metavar="OWNER/NAME",
        action="append",
        type=repository,
        default=[],
        help="also accept reusable workflows of this repository, called from the asset's own repository",
    )
    parser.add_argument(
        "--trusted-root",
        metavar="FILE",
        type=existing_file,
        help="the output of gh attestation trusted-root, for offline use and for GitHub's own signatures"
        " (default: Sigstore's public instance only)",
    )


class Attestations:
    """The attestations of one command's assets, as its options want them verified."""

    def __init__(self, application: Application) -> None:
        """Read the trusted roots where a file is named. Raises ExtraMissing, FileUnreadable."""
        self._application, self._options = application, application.options
        self.wanted: bool = self._options.attestations is not None
        """Whether all attestations are to be verified, and not only those that are locked."""
        if self._options.trusted_root:
            self._verifier  # noqa: B018 - a file that cannot be used is an error, also where nothing needs it

    @cached_property
    def _verifier(self) -> AttestationVerifier:
        from github_assets.resolution.attestations import AttestationVerifier

        return AttestationVerifier(self._application.session.client, self._options.trusted_root)

    def verify(self, locked: LockedAsset, request: AssetRequest) -> tuple[Attestation, ...]:
        """Return the verified attestations of an asset.

        Raises AttestationMissing where there are none and they are required, and as `AttestationVerifier.verify`.
        """
        verifier = self._verifier
        from github_assets.resolution.attestations import Subject

        subject = Subject(request.repository, locked.tag, locked.asset, locked.sha256, tuple(self._options.signer))
        found = verifier.verify(self._application.session.api(request), subject)
        if not found:
            self._missing(locked, request)
        return found

    def _missing(self, locked: LockedAsset, request: AssetRequest) -> None:
        if self._options.attestations == REQUIRED:
            raise AttestationMissing(
                repository=str(request.repository),
                tag=locked.tag,
                name=locked.asset,
                required_by="--attestations=required",
            )
        if self.wanted:
            self._application.log.warning(f"{locked.asset} of {request.repository} {locked.tag} has no attestation.")


def repository(text: str) -> Repository:
    """Return the repository that an option names. Raises ArgumentTypeError."""
    owner, _, name = text.partition("/")
    if not (valid_repository_name(owner) and valid_repository_name(name)):
        raise argparse.ArgumentTypeError(f"{text!a} is not OWNER/NAME")
    return Repository(owner, name)

"""`--attestations` and its companions. Sigstore is imported when an attestation is to be verified."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from github_assets.cli.application import Application
from github_assets.cli.options import existing_file, repository
from github_assets.config.request import ATTESTED, AUTO, REQUIRED, AssetRequest, Repository
from github_assets.errors.resolution import AttestationMissing
from github_assets.github.servers import GITHUB
from github_assets.parallel import run_in_parallel
from github_assets.resolution.lock import Attestation, LockedAsset
from github_assets.resolution.locking import Pin

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
        type=_signer,
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
    """The attestations of a command's assets, verified as its options and the assets' settings require."""

    def __init__(self, application: Application) -> None:
        """Read the trusted roots, if a file is given. Raises ExtraMissing, FileUnreadable."""
        self._application, self._options = application, application.options
        if self._options.trusted_root:
            self._verifier  # noqa: B018 - a file that cannot be used is an error, even if nothing needs it

    @cached_property
    def _verifier(self) -> AttestationVerifier:
        from github_assets.resolution.attestations import AttestationVerifier

        return AttestationVerifier(self._application.session.client, self._options.trusted_root)

    @property
    def wanted(self) -> bool:
        """Whether all attestations are to be verified, not only those that are locked or required."""
        return self._options.attestations is not None

    def required_by(self, request: AssetRequest) -> str | None:
        """Return the option or setting that requires an attestation of the asset, or None."""
        if self._options.attestations == REQUIRED:
            return "--attestations=required"
        return request.source.setting("minimum") if request.minimum == ATTESTED else None

    def verify(self, assets: Mapping[Pin, LockedAsset]) -> dict[Pin, tuple[Attestation, ...]]:
        """Return the verified attestations of the assets.

        Raises AttestationMissing for an asset that has none and needs one, what `AttestationVerifier.verify` raises,
        and SystemExit if options are given that nothing needs.
        """
        if not assets:
            unused = [name for name in ("signer", "trusted_root") if getattr(self._options, name)]
            if unused:
                names = " and ".join(f"--{name.replace('_', '-')}" for name in unused)
                self._options.usage_error(f"{names}: no attestation is verified without --attestations")
            return {}
        verify = self._verifier.verify
        from github_assets.resolution.attestations import Subject

        def verified(pin: Pin) -> tuple[Attestation, ...]:
            request, locked = pin.request, assets[pin]
            subject = Subject(request.repository, locked.tag, locked.asset, locked.sha256, tuple(self._options.signer))
            found = verify(self._application.session.api(request), subject)
            if not found:
                self._missing(locked, request)
            return found

        return dict(zip(assets, run_in_parallel(verified, list(assets)), strict=True))

    def _missing(self, locked: LockedAsset, request: AssetRequest) -> None:
        required_by = self.required_by(request)
        if required_by:
            raise AttestationMissing(
                repository=str(request.repository), tag=locked.tag, name=locked.asset, required_by=required_by
            )
        if self.wanted:
            self._application.log.warning(f"{locked.asset} of {request.repository} {locked.tag} has no attestation.")


def _signer(text: str) -> Repository:
    """Return a repository on github.com, whose workflows alone sign there. Raises ArgumentTypeError."""
    found = repository(text)
    if found.server not in (None, GITHUB):
        raise argparse.ArgumentTypeError(f"{text!a} is not on github.com")
    return found

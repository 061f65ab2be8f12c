"""`--attestations`: the option of commands that record who made an asset. Sigstore is imported when it is asked for."""

from __future__ import annotations

import argparse

from github_assets.cli.application import Application
from github_assets.config.names import valid_repository_name
from github_assets.config.request import AUTO, REQUIRED, AssetRequest, Repository
from github_assets.errors.resolution import AttestationMissing
from github_assets.resolution.lock import LockedAsset


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
        type=_repository,
        default=[],
        help="also accept reusable workflows of this repository, called from the asset's own repository",
    )
    parser.add_argument(
        "--trusted-root",
        metavar="FILE",
        help="the output of gh attestation trusted-root, for offline use and for GitHub's own signatures"
        " (default: Sigstore's public instance only)",
    )


def read_attestations(locked: LockedAsset, request: AssetRequest, application: Application) -> list[str]:
    """Return a line for each attestation of an asset that was verified, sorted; none where the option is not given.

    Raises AttestationMissing, AttestationRefused, ExtraMissing, FileUnreadable, and what `Client.get` raises.
    """
    options, session = application.options, application.session
    if options.attestations is None:
        return []
    from github_assets.resolution.attestations import Subject, verify

    subject = Subject(request.repository, locked.tag, locked.asset, locked.sha256, tuple(options.signer))
    attestations = verify(session.client, session.api(request), subject, trusted_root=options.trusted_root)
    if not attestations:
        repository = str(request.repository)
        if options.attestations == REQUIRED:
            raise AttestationMissing(repository=repository, tag=locked.tag, name=locked.asset)
        application.log.warning(f"{locked.asset} of {repository} {locked.tag} has no attestation.")
    return sorted(str(each) for each in attestations)


def _repository(text: str) -> Repository:
    owner, _, name = text.partition("/")
    if not (valid_repository_name(owner) and valid_repository_name(name)):
        raise argparse.ArgumentTypeError(f"{text!a} is not OWNER/NAME")
    return Repository(owner, name)

"""`--attestations`: the option of commands that record who made an asset. Sigstore is imported when it is asked for."""

from __future__ import annotations

import argparse

from github_assets.config.names import valid_repository_name
from github_assets.config.request import AUTO, REQUIRED, Repository
from github_assets.errors.resolution import AttestationMissing
from github_assets.github.api import Api
from github_assets.http.client import Client
from github_assets.log import Log


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


def read_evidence(
    options: argparse.Namespace,
    client: Client,
    api: Api,
    log: Log,
    *,
    repository: Repository,
    tag: str,
    name: str,
    sha256: str,
) -> list[str]:
    """Return a line for each attestation of an asset that was verified, sorted; none where the option is not given.

    Raises AttestationMissing, AttestationRefused, ExtraMissing, FileUnreadable, and what `Client.get` raises.
    """
    if options.attestations is None:
        return []
    from github_assets.resolution.attestations import Subject, verify

    subject = Subject(repository, tag, name, sha256, tuple(options.signer))
    evidence = verify(client, api, subject, trusted_root=options.trusted_root)
    if not evidence:
        if options.attestations == REQUIRED:
            raise AttestationMissing(repository=str(repository), tag=tag, name=name)
        log.warning(f"{name} of {repository} {tag} has no attestation.")
    return sorted(str(each) for each in evidence)


def _repository(text: str) -> Repository:
    owner, _, name = text.partition("/")
    if not (valid_repository_name(owner) and valid_repository_name(name)):
        raise argparse.ArgumentTypeError(f"{text!a} is not OWNER/NAME")
    return Repository(owner, name)

"""Every error has an id that keeps its meaning, and a section in docs/errors.md with the message that it prints."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from docs.errors import PAGE, page
from github_assets.errors import SeveralFailed
from github_assets.messages.catalog import ENTRIES, GROUPS, INTERNAL, RETIRED, Entry, address
from tests.unit.test_messages import kinds

NAMES = {INTERNAL: "InternalError", **{entry.id: type(entry.example).__name__ for entry in ENTRIES}, **RETIRED}

ISSUED = """
GHA001 InternalError
GHA002 CannotWrite
GHA003 OutputUnavailable
GHA004 Interrupted
GHA005 NotRunByLifecycle
GHA101 SettingInvalid
GHA102 ValueQuoted
GHA103 SettingMissing
GHA104 VariableUnknown
GHA105 SettingMistyped
GHA106 SettingsConflict
GHA107 KeyUnknown
GHA108 KeyMissing
GHA109 FileUnreadable
GHA110 MergeConflict
GHA111 ApplicationPath
GHA112 BindingPublished
GHA113 TokenMissing
GHA114 TargetConflict
GHA115 NoAssetsConfigured
GHA116 NotEditable
GHA117 VariableConflict
GHA201 ServerUnreachable
GHA202 ProxyFailed
GHA203 CertificateRefused
GHA204 RedirectRefused
GHA205 ServerFailed
GHA206 RateLimited
GHA207 CredentialsRefused
GHA208 AccessForbidden
GHA209 NotFound
GHA210 RequestRefused
GHA211 InvalidResponse
GHA212 ResponseTooLarge
GHA213 DeadlineExceeded
GHA301 RepositoryNotFound
GHA302 ReleaseNotFound
GHA303 NoLatestRelease
GHA304 TokenNotForHost
GHA401 AssetNotFound
GHA402 NoAssetForPlatform
GHA403 AssetAmbiguous
GHA404 NoMatchingRelease
GHA405 ExpressionTooSlow
GHA406 AssetNotUploaded
GHA501 SizeMismatch
GHA502 DigestMismatch
GHA503 AssetChanged
GHA504 RangeMismatch
GHA505 StorageRefused
GHA506 PageInsteadOfAsset
GHA507 NotOnMirror
GHA508 FolderNotMirror
GHA509 FolderNeedsDigest
GHA601 ArchiveUnsupported
GHA602 ArchiveCorrupt
GHA603 ArchiveEncrypted
GHA604 ArchiveUnsafe
GHA605 ArchiveEntryInvalid
GHA606 ArchiveTooLarge
GHA607 EntryNotFound
GHA608 NoProgramInArchive
GHA609 ProgramNotFound
GHA610 ProgramAmbiguous
GHA611 ArchiveEmpty
GHA612 NotExecutable
GHA613 ForeignExecutable
GHA614 PathConflict
GHA701 LockInvalid
GHA702 LockOutdated
GHA703 LockMismatch
GHA704 FolderMismatch
GHA705 NothingToVerify
GHA706 UnexpectedChange
GHA707 RepositoryNotConfigured
GHA708 ConfiguredDigestMismatch
GHA709 LockMissing
GHA710 UnverifiedAsset
GHA711 NotAttested
GHA712 AttestationRefused
GHA713 AttestationMissing
GHA714 ExtraMissing
GHA715 ImageMismatch
"""
"""Ids as they have been given to errors. Lines are only added; a test fails where one has got another meaning."""


def test_every_error_has_an_id() -> None:
    assert {type(entry.example) for entry in ENTRIES} == set(kinds()) - {SeveralFailed}


def test_an_id_is_one_errors() -> None:
    ids = Counter([INTERNAL, *(entry.id for entry in ENTRIES), *RETIRED])

    assert [id_ for id_, count in ids.items() if count > 1] == []


def test_an_id_keeps_its_meaning() -> None:
    issued = dict(line.split() for line in ISSUED.strip().splitlines())

    assert {id_: NAMES.get(id_) for id_ in issued} == issued


def test_a_removed_error_leaves_its_id_to_the_retired_ones() -> None:
    for group in GROUPS:
        numbers = sorted(int(id_[4:]) for id_ in NAMES if id_[3] == group)
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_is_complete(entry: Entry) -> None:
    assert re.fullmatch(r"GHA\d{3}", entry.id)
    assert entry.id[3] in GROUPS
    for text in (entry.cause, entry.remedy):
        assert text.strip() == text
        assert text.endswith((".", ":", ")"))


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: PYTHONPATH=lib .venv/bin/python docs/errors.py"


def test_an_address_leads_to_a_section() -> None:
    headings = {f"#{heading.lower()}" for heading in re.findall(r"^### (.+)$", page(), re.M)}
    addressed = {address(id_).partition("errors.md")[2] for id_ in NAMES.keys() - RETIRED.keys()}

    assert addressed == headings


def test_the_pages_links_lead_somewhere() -> None:
    links = set(re.findall(r"\]\(([\w-]+\.md)", page()))

    assert links
    assert [link for link in links if not (PAGE.parent / link).is_file()] == []


def test_a_build_imports_neither_page_nor_catalog_unless_it_fails() -> None:
    """The imports of the good path are those of modules; only functions that print an error import the catalog."""
    library = Path(__file__).parents[2] / "lib/github_assets"
    importing = [
        path.relative_to(library).as_posix()
        for path in library.rglob("*.py")
        if re.search(r"^(from|import) .*messages\.catalog", path.read_text("utf-8"), re.M)
    ]

    assert importing == []

"""Verification of bundles, valid and invalid in every way, with authorities and logs created here."""

from __future__ import annotations

import base64
import copy
import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from github_assets.config.request import Repository
from github_assets.errors.config import FileUnreadable
from github_assets.errors.resolution import AttestationRefused
from github_assets.resolution.attestations import Subject, _Root, check, read_roots
from github_assets.resolution.lock import PROVENANCE, RELEASE, Attestation
from tests.integration.resolution.sigstore_instance import Instance, b64

DIGEST = "ab" * 32
SOURCE = "https://github.com/octo/tool"
WORKFLOW = f"{SOURCE}/.github/workflows/release.yml@refs/tags/v1"
GITHUB = "https://dotcom.releases.github.com"
SUBJECT = Subject(Repository("octo", "tool"), "v1", "tool-linux", DIGEST)

PUBLIC = Instance("sigstore.dev", public=True)
OWN = Instance("GitHub, Inc.", public=False)


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> list[_Root]:
    path = tmp_path_factory.mktemp("roots") / "trusted_root.jsonl"
    path.write_text("".join(f"{json.dumps(each.trusted_root())}\n" for each in (PUBLIC, OWN)))
    return read_roots(str(path))


def provenance(**changes: Any) -> dict[str, Any]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "dist/tool-linux", "digest": {"sha256": DIGEST}}],
        "predicateType": PROVENANCE[0],
        "predicate": {"buildDefinition": {}},
    }
    return {**statement, **changes}


def release(**changes: Any) -> dict[str, Any]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"uri": "pkg:github/octo/tool@v1", "digest": {"sha1": "0" * 40}},
            {"name": "tool-linux", "digest": {"sha256": DIGEST}},
            {"name": "other", "digest": {"sha256": "cd" * 32}},
        ],
        "predicateType": RELEASE[1],
        "predicate": {"repository": "octo/tool", "tag": "v1"},
    }
    return {**statement, **changes}


def text(bundle: object) -> bytes:
    return json.dumps(bundle).encode()


def refusal(bundle: object, roots: list[_Root], subject: Subject = SUBJECT) -> str:
    with pytest.raises(AttestationRefused) as caught:
        check(bundle if isinstance(bundle, bytes) else text(bundle), subject, roots)
    assert caught.value.name == subject.name
    return caught.value.reason


# good ones


@pytest.mark.parametrize("instance", [PUBLIC, OWN], ids=["public", "private"])
@pytest.mark.parametrize("predicate", PROVENANCE)
def test_a_workflow_of_the_repository(instance: Instance, predicate: str, roots: list[_Root]) -> None:
    bundle = instance.bundle(provenance(predicateType=predicate), WORKFLOW, source=SOURCE)

    evidence = check(text(bundle), SUBJECT, roots)

    assert evidence == Attestation(predicate, WORKFLOW)
    assert str(evidence) == f"{predicate} signed by {WORKFLOW}"


@pytest.mark.parametrize("predicate", RELEASE)
def test_a_release(predicate: str, roots: list[_Root]) -> None:
    bundle = OWN.bundle(release(predicateType=predicate), GITHUB)
    assert check(text(bundle), SUBJECT, roots) == Attestation(predicate, GITHUB)


def test_case_of_the_repository_does_not_matter(roots: list[_Root]) -> None:
    bundle = PUBLIC.bundle(provenance(), WORKFLOW.replace("octo", "Octo"), source="https://github.com/Octo/tool")
    assert check(text(bundle), SUBJECT._replace(repository=Repository("OCTO", "Tool")), roots).signer


# whose it is


@pytest.mark.parametrize("instance", [PUBLIC, OWN], ids=["public", "private"])
@pytest.mark.parametrize(
    ("signer", "source"),
    [
        ("https://github.com/evil/tool/.github/workflows/release.yml@refs/tags/v1", SOURCE),
        ("https://github.com/octo/tool-evil/.github/workflows/release.yml@refs/tags/v1", SOURCE),
        ("https://gitlab.com/octo/tool/.github/workflows/release.yml@refs/tags/v1", SOURCE),
        (WORKFLOW, "https://github.com/evil/tool"),
        (GITHUB, None),
        (WORKFLOW, None),
    ],
)
def test_another_signer(instance: Instance, signer: str, source: str | None, roots: list[_Root]) -> None:
    assert refusal(instance.bundle(provenance(), signer, source=source), roots)


REUSABLE = "https://github.com/Octo/Workflows/.github/workflows/release.yml@refs/heads/main"
MAY_SIGN = SUBJECT._replace(signers=(Repository("other", "tool"), Repository("octo", "workflows")))


@pytest.mark.parametrize("instance", [PUBLIC, OWN], ids=["public", "private"])
@pytest.mark.parametrize("source", [SOURCE, SOURCE.replace("octo", "Octo")])
def test_an_allowed_reusable_workflow(instance: Instance, source: str, roots: list[_Root]) -> None:
    bundle = instance.bundle(provenance(), REUSABLE, source=source)

    assert check(text(bundle), MAY_SIGN, roots) == Attestation(PROVENANCE[0], REUSABLE)
    assert refusal(bundle, roots) == f"it is signed by {REUSABLE}"


@pytest.mark.parametrize("instance", [PUBLIC, OWN], ids=["public", "private"])
@pytest.mark.parametrize(
    ("signer", "source"),
    [
        (REUSABLE.replace("Workflows", "Workflows-evil"), SOURCE),
        (REUSABLE.replace("Octo", "evil"), SOURCE),
        (REUSABLE.replace("github.com", "github.com.evil.example"), SOURCE),
        (REUSABLE, "https://github.com/octo/workflows"),
        (REUSABLE, "https://github.com/evil/tool"),
        (REUSABLE, f"https://evil.example/?{SOURCE}"),
        (REUSABLE, None),
    ],
)
def test_an_allowed_signer_only_signs_for_this_repository(
    instance: Instance, signer: str, source: str | None, roots: list[_Root]
) -> None:
    assert refusal(instance.bundle(provenance(), signer, source=source), roots, MAY_SIGN)


def test_an_allowed_signer_cannot_sign_a_release(roots: list[_Root]) -> None:
    assert refusal(OWN.bundle(release(), REUSABLE, source=SOURCE), roots, MAY_SIGN) == f"it is signed by {REUSABLE}"


@pytest.mark.parametrize("instance", [PUBLIC, OWN], ids=["public", "private"])
def test_another_issuer_of_identities(instance: Instance, roots: list[_Root]) -> None:
    assert (
        "issuer"
        in refusal(
            instance.bundle(provenance(), WORKFLOW, source=SOURCE, issuer="https://accounts.example.com"), roots
        ).lower()
    )


def test_a_workflow_cannot_sign_a_release(roots: list[_Root]) -> None:
    assert refusal(OWN.bundle(release(), WORKFLOW, source=SOURCE), roots) == f"it is signed by {WORKFLOW}"


def test_the_public_instance_cannot_sign_a_release(roots: list[_Root]) -> None:
    assert refusal(PUBLIC.bundle(release(), GITHUB), roots) == "only GitHub itself may sign a release attestation"


@pytest.mark.parametrize("public", [True, False])
def test_an_authority_of_the_same_name(public: bool, roots: list[_Root]) -> None:
    stranger = Instance("sigstore.dev" if public else "GitHub, Inc.", public=public)
    assert refusal(stranger.bundle(provenance(), WORKFLOW, source=SOURCE), roots)


def test_an_authority_of_the_same_name_with_genuine_timestamps(roots: list[_Root]) -> None:
    stranger = Instance("GitHub, Inc.", public=False)
    stranger.stamping, stranger.stamper = OWN.stamping, OWN.stamper
    assert "validation failed" in refusal(stranger.bundle(provenance(), WORKFLOW, source=SOURCE), roots)


def test_an_authority_in_no_trusted_root(roots: list[_Root]) -> None:
    bundle = OWN.bundle(release(), GITHUB)
    assert refusal(bundle, roots[:1]) == "no trusted root contains the authority O=GitHub\\, Inc."


# what it is of


def test_other_bytes(roots: list[_Root]) -> None:
    bundle = PUBLIC.bundle(provenance(), WORKFLOW, source=SOURCE)
    assert refusal(bundle, roots, SUBJECT._replace(sha256="cd" * 32)) == "it is for a different file"


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (SUBJECT._replace(name="other"), "it is for an asset with another name"),
        (SUBJECT._replace(sha256="ef" * 32), "it is for a different file"),
        (SUBJECT._replace(tag="v2"), "it is for another release"),
        (SUBJECT._replace(repository=Repository("octo", "other")), "it is for another release"),
    ],
)
def test_another_release(subject: Subject, reason: str, roots: list[_Root]) -> None:
    assert refusal(OWN.bundle(release(), GITHUB), roots, subject) == reason


@pytest.mark.parametrize(
    "statement",
    [
        provenance(_type="https://example.com/Statement"),
        provenance(subject=[]),
        provenance(subject=[{"name": "tool-linux"}]),
        provenance(subject="tool-linux"),
        provenance(subject=[{"digest": {"sha512": DIGEST}}]),
        {},
        [],
        None,
    ],
)
def test_no_statement_about_these_bytes(statement: object, roots: list[_Root]) -> None:
    assert refusal(PUBLIC.bundle(statement, WORKFLOW, source=SOURCE), roots)


def test_another_type_of_payload(roots: list[_Root]) -> None:
    bundle = PUBLIC.bundle(provenance(), WORKFLOW, source=SOURCE, kind="application/json")
    assert refusal(bundle, roots) == "its payload has the type application/json"


# tampering


def parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every text in a document."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from parts(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from parts(each, (*path, number))
    else:
        yield path


def changed(bundle: dict[str, Any], path: tuple[Any, ...], change: Callable[[Any], Any]) -> dict[str, Any]:
    result = copy.deepcopy(bundle)
    place: Any = result
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = change(place[path[-1]])
    return result


GOOD = {
    "public": PUBLIC.bundle(provenance(), WORKFLOW, source=SOURCE),
    "private": OWN.bundle(provenance(), WORKFLOW, source=SOURCE),
    "release": OWN.bundle(release(), GITHUB),
}


def flip(value: str) -> str:
    """Change a bit in the middle of what is encoded, or of the text itself."""
    try:
        data = bytearray(base64.b64decode(value, validate=True))
    except ValueError:
        return value[: len(value) // 2] + ("x" if value[len(value) // 2] != "x" else "y") + value[len(value) // 2 + 1 :]
    data[len(data) // 2] ^= 1
    return b64(bytes(data))


@pytest.mark.parametrize(
    ("bundle", "path"),
    [pytest.param(bundle, path, id=f"{name}-{path[-1]}") for name, bundle in GOOD.items() for path in parts(bundle)],
)
def test_every_part_of_a_bundle_counts(bundle: dict[str, Any], path: tuple[Any, ...], roots: list[_Root]) -> None:
    assert check(text(bundle), SUBJECT, roots)
    assert refusal(changed(bundle, path, flip), roots)


@pytest.mark.parametrize("name", ["public", "private"])
def test_the_parts_of_two_bundles(name: str, roots: list[_Root]) -> None:
    instance = {"public": PUBLIC, "private": OWN}[name]
    bundle, other = GOOD[name], instance.bundle(provenance(predicate={}), WORKFLOW, source=SOURCE)
    assert check(text(other), SUBJECT, roots)

    assert refusal({**bundle, "verificationMaterial": other["verificationMaterial"]}, roots)
    assert refusal({**bundle, "dsseEnvelope": other["dsseEnvelope"]}, roots)


@pytest.mark.parametrize("name", GOOD)
def test_another_statement_under_the_signature(name: str, roots: list[_Root]) -> None:
    statement = json.loads(base64.b64decode(GOOD[name]["dsseEnvelope"]["payload"]))
    statement["subject"].append({"name": "tool-linux", "digest": {"sha256": "ef" * 32}})
    envelope = {**GOOD[name]["dsseEnvelope"], "payload": b64(text(statement))}

    assert "signature" in refusal({**GOOD[name], "dsseEnvelope": envelope}, roots).lower()


@pytest.mark.parametrize(("name", "proof"), [("public", "tlogEntries"), ("private", "timestampVerificationData")])
def test_without_a_timestamp(name: str, proof: str, roots: list[_Root]) -> None:
    material = {key: value for key, value in GOOD[name]["verificationMaterial"].items() if key != proof}
    assert refusal({**GOOD[name], "verificationMaterial": material}, roots)


def test_a_public_signature_must_be_in_the_log_even_if_it_has_a_time_stamp(roots: list[_Root]) -> None:
    material = {
        "certificate": GOOD["public"]["verificationMaterial"]["certificate"],
        "timestampVerificationData": GOOD["private"]["verificationMaterial"]["timestampVerificationData"],
    }
    assert refusal({**GOOD["public"], "verificationMaterial": material}, roots)


def test_an_expired_certificate(monkeypatch: pytest.MonkeyPatch, roots: list[_Root]) -> None:
    late = datetime.datetime(2027, 6, 1, tzinfo=datetime.UTC)
    monkeypatch.setattr("tests.integration.resolution.sigstore_instance.SIGNED", late)
    assert refusal(OWN.bundle(provenance(), WORKFLOW, source=SOURCE), roots)
    assert refusal(PUBLIC.bundle(provenance(), WORKFLOW, source=SOURCE), roots)


@pytest.mark.parametrize("instance", [PUBLIC, OWN], ids=["public", "private"])
def test_a_certificate_not_for_code_signing(instance: Instance, roots: list[_Root]) -> None:
    bundle = instance.bundle(provenance(), WORKFLOW, source=SOURCE, purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    assert "sign" in refusal(bundle, roots)


@pytest.mark.parametrize(
    "period", [{"start": "2026-06-01T00:00:00Z"}, {"start": "2025-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}]
)
def test_an_expired_timestamp_authority(period: dict[str, str], tmp_path: Path) -> None:
    root = OWN.trusted_root()
    root["timestampAuthorities"][0]["validFor"] = period
    path = tmp_path / "trusted_root.json"
    path.write_text(json.dumps(root))

    assert refusal(GOOD["private"], read_roots(str(path))) == "its signature has no timestamp from a trusted authority"


@given(
    st.binary()
    | st.recursive(
        st.none() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "verificationMaterial",
                        "dsseEnvelope",
                        "payload",
                        "certificate",
                        "rawBytes",
                        "x509CertificateChain",
                        "certificates",
                    ]
                ),
                inner,
            )
        ),
    ).map(text)
)
def test_anything_else_is_refused(roots: list[_Root], bundle: bytes) -> None:
    assert refusal(bundle, roots)


# trusted roots


def test_a_file_of_one_root(tmp_path: Path) -> None:
    path = tmp_path / "trusted_root.json"
    path.write_text(json.dumps(PUBLIC.trusted_root(), indent=2))

    assert check(text(GOOD["public"]), SUBJECT, read_roots(str(path))) == Attestation(PROVENANCE[0], WORKFLOW)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"mediaType": "x"}', "{", "\xff"])
def test_no_file_of_roots(tmp_path: Path, content: str) -> None:
    path = tmp_path / "trusted_root.json"
    path.write_text(content, encoding="latin-1")

    with pytest.raises(FileUnreadable) as caught:
        read_roots(str(path))
    assert caught.value.reason == "it contains no Sigstore trusted root"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_roots(str(tmp_path / "none"))
    assert caught.value.reason == "No such file or directory"

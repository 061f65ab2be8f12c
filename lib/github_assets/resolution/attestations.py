"""Attestations: signed statements of who made an asset (docs.github.com/rest/repos/attestations).

They are bundles in Sigstore's format. Workflows of public repositories sign with Sigstore's public instance, whose
trusted root is fetched with TUF: certificate authority, certificate log and transparency log. Workflows of private
repositories and immutable releases are signed by GitHub's own authority, which has a timestamp authority instead of
logs; its trusted root must be provided as a file.

Requires the extra `attestations`. Only imported by the command line.
"""

from __future__ import annotations

import json
from base64 import b64decode
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from github_assets.config.request import Repository
from github_assets.errors.config import FileUnreadable
from github_assets.errors.http import InvalidResponse, ServerUnreachable
from github_assets.errors.resolution import AttestationRefused, ExtraMissing
from github_assets.github.api import Api
from github_assets.http.client import Client
from github_assets.http.urls import host_of
from github_assets.resolution.lock import PROVENANCE, RELEASE, Attestation

try:
    import cramjam
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import (
        Certificate,
        ExtendedKeyUsage,
        Name,
        SubjectAlternativeName,
        UniformResourceIdentifier,
        load_der_x509_certificate,
    )
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store
    from rfc3161_client import VerificationError as TimestampError
    from rfc3161_client import VerifierBuilder, decode_timestamp_response
    from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
    from sigstore.verify import Verifier
    from sigstore.verify.policy import OIDCIssuerV2, OIDCSourceRepositoryURI, VerificationPolicy
    from sigstore_models.bundle.v1 import Bundle as BundleData
    from sigstore_models.trustroot.v1 import TrustedRoot as TrustedRootData

    from github_assets.http.fetch import fetch
except ImportError as error:
    raise ExtraMissing(extra="attestations") from error

if TYPE_CHECKING:
    from datetime import datetime

_STATEMENTS = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
_PAYLOAD = "application/vnd.in-toto+json"
_ISSUER = "https://token.actions.githubusercontent.com"
_RELEASES = "https://dotcom.releases.github.com"
_SERVER = "https://github.com"
_LARGEST = 16 << 20
"""Bytes of an uncompressed bundle. That of a release with a thousand assets has some hundred thousand."""
_MOST_TIMESTAMPS = 32


class Subject(NamedTuple):
    """The asset that an attestation must be for."""

    repository: Repository
    tag: str
    name: str
    sha256: str
    signers: tuple[Repository, ...] = ()
    """Repositories whose reusable workflows may sign it, when called from its own repository."""


class _Root(NamedTuple):
    trusted: TrustedRoot
    logged: bool
    """Whether it has a transparency log, which must then contain every signature."""


class _Refused(Exception):
    """Why an attestation is rejected, in words."""


class AttestationVerifier:
    """Verifies attestations against one set of trusted roots."""

    def __init__(self, client: Client, trusted_root: str | None = None) -> None:
        """Read the trusted roots of a file, one JSON document a line, as `gh attestation trusted-root` prints them.

        Without a file, Sigstore's own is fetched when it is needed. Raises FileUnreadable.
        """
        self._client = client
        self._given = read_roots(trusted_root) if trusted_root else None

    @cached_property
    def _roots(self) -> list[_Root]:
        return self._given or _public_roots()

    def verify(self, api: Api, subject: Subject) -> tuple[Attestation, ...]:
        """Return the verified attestations of an asset, sorted; none where there are none of the two kinds.

        Raises AttestationRefused where there are some and none can be verified, ServerUnreachable for Sigstore's
        trusted root, and what `Client.get` raises.
        """
        bundles = [_fetch(self._client, url) for url in api.attestations(subject.repository, subject.sha256)]
        of_kinds = [bundle for bundle in bundles if _predicate_type(bundle) in PROVENANCE + RELEASE]
        verified, refusals = set(), []
        for bundle in of_kinds:
            try:
                verified.add(check(bundle, subject, self._roots))
            except AttestationRefused as refusal:
                refusals.append(refusal)
        if refusals and not verified:
            raise refusals[0]
        return tuple(sorted(verified))


def check(bundle: bytes, subject: Subject, roots: list[_Root]) -> Attestation:
    """Return what one bundle proves of an asset. Raises AttestationRefused where that is nothing."""
    try:
        return _check(bundle, subject, roots)
    except _Refused as refusal:
        reason = str(refusal)
    except Exception as error:  # anything that the parsers and verifiers of four libraries reject
        reason = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(": ")
    raise AttestationRefused(name=subject.name, reason="".join(c for c in reason[:300] if c.isprintable()))


def read_roots(path: str) -> list[_Root]:
    """Return the trusted roots of a file. Raises FileUnreadable."""
    try:
        with open(path, "rb") as file:
            text = file.read()
        try:
            documents = [json.loads(text)]
        except ValueError:
            documents = [json.loads(line) for line in text.splitlines() if line.strip()]
        roots = [_root(document) for document in documents]
    except OSError as error:
        raise FileUnreadable(file=path, reason=error.strerror or str(error)) from None
    except Exception:
        roots = []
    if not roots:
        raise FileUnreadable(file=path, reason="it contains no Sigstore trusted root")
    return roots


def _public_roots() -> list[_Root]:
    try:
        return [_Root(ClientTrustConfig.production().trusted_root, logged=True)]
    except Exception as error:  # from TUF, its HTTP library or the cache
        reason = f"{type(error).__name__}; to work offline, pass --trusted-root"
        raise ServerUnreachable(host="Sigstore's TUF repository", reason=reason) from None


def _root(document: dict[str, Any]) -> _Root:
    data = TrustedRootData.from_json(json.dumps({"tlogs": [], "ctlogs": [], **document}))  # which GitHub's root lacks
    return _Root(TrustedRoot(data), logged=bool(data.tlogs))


def _fetch(client: Client, url: str) -> bytes:
    """Return a bundle's JSON. The URL is signed, and its host accepts no other authorization."""

    def attempt() -> bytes:
        body = fetch(url, _LARGEST + 1, client)
        if len(body) > _LARGEST:
            raise InvalidResponse(host=host_of(url), reason="an attestation of more than 16 MiB")
        try:
            return body if body.lstrip().startswith(b"{") else unpacked(body)
        except (ValueError, cramjam.DecompressionError):
            raise InvalidResponse(host=host_of(url), reason="an attestation that Snappy cannot decompress") from None

    return client.with_retries(attempt)


def unpacked(body: bytes) -> bytes:
    """Decompress Snappy's raw format, which starts with the length.

    Raises DecompressionError, and ValueError if it is larger than any bundle.
    """
    if cramjam.snappy.decompress_raw_len(body) > _LARGEST:
        raise ValueError
    return bytes(cramjam.snappy.decompress_raw(body))


def _predicate_type(bundle: bytes) -> str | None:
    """Return the predicate type that a bundle claims, before it is verified."""
    try:
        statement: Any = json.loads(b64decode(json.loads(bundle)["dsseEnvelope"]["payload"]))
        return str(statement["predicateType"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _check(bundle: bytes, subject: Subject, roots: list[_Root]) -> Attestation:
    document = json.loads(bundle)
    document["verificationMaterial"].setdefault("tlogEntries", [])  # omitted by GitHub's own authority
    data = BundleData.from_json(json.dumps(document))
    certificate = _certificate(data)
    root = next((root for root in roots if certificate.issuer in _authorities(root)), None)
    if root is None:
        raise _Refused(f"no trusted root contains the authority {certificate.issuer.rfc4514_string()}")
    predicate = _predicate_type(bundle)
    policy: VerificationPolicy = _Workflow(subject)
    if predicate in RELEASE:
        if root.logged:
            raise _Refused("only GitHub itself may sign a release attestation")
        policy = _Identity(_RELEASES)
    if root.logged:
        kind, payload = Verifier(trusted_root=root.trusted).verify_dsse(Bundle.from_json(bundle), policy)
    else:
        kind, payload = _verify_timestamped(data, certificate, root.trusted, policy)
    if kind != _PAYLOAD:
        raise _Refused(f"its payload has the type {kind}")
    statement = json.loads(payload)
    if statement["_type"] not in _STATEMENTS or statement["predicateType"] != predicate:
        raise _Refused("it is not an in-toto statement")
    _check_subject(statement, subject, by_name=predicate in RELEASE)
    return Attestation(str(predicate), _signer(certificate))


def _verify_timestamped(
    data: BundleData, certificate: Certificate, root: TrustedRoot, policy: VerificationPolicy
) -> tuple[str, bytes]:
    """Return type and content of a payload whose signature has a trusted timestamp.

    `sigstore` itself only verifies signatures in a transparency log (Sigstore's client specification, "Verification").
    """
    envelope = data.dsse_envelope
    stamps = data.verification_material.timestamp_verification_data
    if envelope is None or len(envelope.signatures) != 1 or stamps is None:
        raise _Refused("it does not have exactly one signature with a timestamp")
    [signature] = envelope.signatures
    time = _time(signature.sig, [stamp.signed_timestamp for stamp in stamps.rfc3161_timestamps], root)
    extensions = (
        each.may_be_present(ExtendedKeyUsage, Criticality.NON_CRITICAL, None)  # the defaults are for TLS
        for each in (ExtensionPolicy.webpki_defaults_ca(), ExtensionPolicy.webpki_defaults_ee())
    )
    authorities = PolicyBuilder().store(Store(root.get_fulcio_certs())).time(time)
    ca_policy, ee_policy = extensions
    authorities.extension_policies(ca_policy=ca_policy, ee_policy=ee_policy).build_client_verifier().verify(
        certificate, []
    )
    usage = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    if ExtendedKeyUsageOID.CODE_SIGNING not in usage:
        raise _Refused("its certificate is not for code signing")
    policy.verify(certificate)
    key = certificate.public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise _Refused("its key is not an elliptic curve key")
    kind, payload = envelope.payload_type, envelope.payload
    encoded = b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
    key.verify(signature.sig, encoded, ECDSA(SHA256()))
    return kind, payload


def _time(signature: bytes, stamps: list[bytes], root: TrustedRoot) -> datetime:
    """Return when a timestamp authority of the root countersigned the signature (RFC 3161)."""
    for stamp in stamps[:_MOST_TIMESTAMPS]:
        response = decode_timestamp_response(stamp)
        time = response.tst_info.gen_time
        for authority in root.get_timestamp_authorities():
            end = authority.validity_period_end
            if time < authority.validity_period_start or (end is not None and time >= end):
                continue
            leaf, *chain = authority.certificates(allow_expired=True)
            builder = VerifierBuilder().tsa_certificate(leaf)
            for intermediate in chain[:-1]:
                builder = builder.add_intermediate_certificate(intermediate)
            try:
                builder.add_root_certificate((chain or [leaf])[-1]).build().verify_message(response, signature)
            except TimestampError:
                continue
            return time
    raise _Refused("its signature has no timestamp from a trusted authority")


def _check_subject(statement: Any, subject: Subject, *, by_name: bool) -> None:
    """Reject a statement for other bytes; a release's statement must also name the release and the asset."""
    of_bytes = [each for each in statement["subject"] if each["digest"].get("sha256") == subject.sha256]
    if not of_bytes:
        raise _Refused("it is for a different file")
    if not by_name:
        return
    if subject.name not in (each.get("name") for each in of_bytes):
        raise _Refused("it is for an asset with another name")
    predicate = statement["predicate"]
    if (predicate["repository"].lower(), predicate["tag"]) != (_full_name(subject.repository), subject.tag):
        raise _Refused("it is for another release")


class _Identity:
    """A Sigstore policy that accepts the signer with this URI."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def verify(self, cert: Certificate) -> None:
        """Reject any other signer."""
        if _signer(cert) != self._uri:
            raise _Refused(f"it is signed by {_signer(cert)}")


class _Workflow:
    """A Sigstore policy that accepts workflows of the repository, and allowed reusable ones called from it."""

    def __init__(self, subject: Subject) -> None:
        self._source = _home(subject.repository)
        self._homes = tuple(f"{_home(each)}/" for each in (subject.repository, *subject.signers))

    def verify(self, cert: Certificate) -> None:
        """Reject any other signer. The case of the repository's name does not matter."""
        OIDCIssuerV2(_ISSUER).verify(cert)
        extension: Any = cert.extensions.get_extension_for_oid(OIDCSourceRepositoryURI.oid).value
        source = extension.value[-len(self._source) :].decode()
        OIDCSourceRepositoryURI(source if source.lower() == self._source else self._source).verify(cert)
        if not _signer(cert).lower().startswith(self._homes):
            raise _Refused(f"it is signed by {_signer(cert)}")


def _certificate(data: BundleData) -> Certificate:
    material = data.verification_material
    if material.certificate:
        return load_der_x509_certificate(material.certificate.raw_bytes)
    if material.x509_certificate_chain:
        return load_der_x509_certificate(material.x509_certificate_chain.certificates[0].raw_bytes)
    raise _Refused("it has no certificate")


def _authorities(root: _Root) -> list[Name]:
    return [certificate.subject for certificate in root.trusted.get_fulcio_certs()]


def _signer(certificate: Certificate) -> str:
    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    [uri] = names.get_values_for_type(UniformResourceIdentifier)
    return uri


def _full_name(repository: Repository) -> str:
    return f"{repository.owner}/{repository.name}".lower()


def _home(repository: Repository) -> str:
    return f"{_SERVER}/{_full_name(repository)}"

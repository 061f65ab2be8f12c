"""A small Sigstore instance for tests: authorities, logs and timestamps, and bundles signed by them.

Formats: Fulcio's certificate extensions, RFC 6962 (certificate log), Rekor's dsse 0.0.1 entries and checkpoints,
RFC 3161 (time stamps), DSSE, in-toto's Statement v1, Sigstore's bundle v0.3 and trusted root v0.1.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import struct
from typing import Any

import rfc8785
from asn1crypto import algos, cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

BEGIN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SIGNED = BEGIN + datetime.timedelta(days=100)
ISSUER = "https://token.actions.githubusercontent.com"
SHA256 = hashes.SHA256()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


class Key:
    """A key pair; `id` is what logs call it."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.id = hashlib.sha256(self.public).digest()

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data, ec.ECDSA(SHA256))

    def as_log(self) -> dict[str, Any]:
        """Return the log whose key this is, as a trusted root has it."""
        return {
            "baseUrl": "https://log.test",
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": b64(self.public),
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": {"start": BEGIN.isoformat()},
            },
            "logId": {"keyId": b64(self.id)},
        }


class Authority:
    """A certificate authority."""

    def __init__(self, organization: str) -> None:
        self.key = Key()
        self.name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
        self.certificate = (
            self._builder(self.name, self.key, 3650)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .sign(self.key.private, SHA256)
        )

    def issue(
        self,
        key: Key,
        purpose: x509.ObjectIdentifier,
        *extensions: x509.ExtensionType,
        subject: str = "",
        log: Key | None = None,
    ) -> x509.Certificate:
        """Return a certificate for a key, with a promise of the certificate log if there is one."""
        builder = (
            self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else []), key, 365)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=purpose == ExtendedKeyUsageOID.TIME_STAMPING)
        )
        for extension in extensions:
            builder = builder.add_extension(
                extension, critical=not subject and isinstance(extension, x509.SubjectAlternativeName)
            )
        if log:
            unlogged = builder.sign(self.key.private, SHA256)
            builder = builder.add_extension(self._promise(unlogged.tbs_certificate_bytes, log), critical=False)
        return builder.sign(self.key.private, SHA256)

    def _builder(self, subject: x509.Name, key: Key, days: int) -> x509.CertificateBuilder:
        public = key.private.public_key()
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.private.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(int.from_bytes(key.id[:8]))
            .not_valid_before(BEGIN)
            .not_valid_after(BEGIN + datetime.timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(issuer, critical=False)
        )

    def _promise(self, tbs: bytes, log: Key) -> x509.UnrecognizedExtension:
        """Return the signed certificate timestamp as the certificate's extension (RFC 6962, sections 3.2, 3.3)."""
        time = int(SIGNED.timestamp() * 1000)
        length = len(tbs).to_bytes(3)
        signature = log.sign(struct.pack("!BBQH", 0, 0, time, 1) + self.key.id + length + tbs + b"\0\0")
        stamp = b"\0" + log.id + struct.pack("!QHBBH", time, 0, 4, 3, len(signature)) + signature
        stamps = struct.pack("!HH", len(stamp) + 2, len(stamp)) + stamp
        return x509.UnrecognizedExtension(
            ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS, cms.OctetString(stamps).dump()
        )

    def as_authority(self, *before: x509.Certificate) -> dict[str, Any]:
        """Return this authority as a trusted root has it."""
        certificates = [{"rawBytes": b64(der(each))} for each in (*before, self.certificate)]
        return {
            "subject": {"organization": "test", "commonName": "test"},
            "uri": "https://authority.test",
            "certChain": {"certificates": certificates},
            "validFor": {"start": BEGIN.isoformat()},
        }


class Instance:
    """An instance of Sigstore: a public one with its logs, or GitHub's own with a time stamp authority."""

    def __init__(self, organization: str, *, public: bool) -> None:
        self.authority = Authority(organization)
        self.certificate_log = Key() if public else None
        self.log = Key() if public else None
        self.stamping = Key()
        self.stamper = self.authority.issue(self.stamping, ExtendedKeyUsageOID.TIME_STAMPING, subject="stamper")

    def trusted_root(self) -> dict[str, Any]:
        """Return what whoever trusts this instance knows of it."""
        root = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "certificateAuthorities": [self.authority.as_authority()],
        }
        if self.log and self.certificate_log:
            return {**root, "tlogs": [self.log.as_log()], "ctlogs": [self.certificate_log.as_log()]}
        return {**root, "timestampAuthorities": [self.authority.as_authority(self.stamper)]}

    def bundle(
        self,
        statement: object,
        signer: str,
        *,
        source: str | None = None,
        issuer: str = ISSUER,
        kind: str = "application/vnd.in-toto+json",
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.CODE_SIGNING,
    ) -> dict[str, Any]:
        """Return a statement that a signer signed; `source` is the repository whose workflow it was."""
        key = Key()
        extensions: list[x509.ExtensionType] = [x509.SubjectAlternativeName([x509.UniformResourceIdentifier(signer)])]
        for number, text in ((8, issuer), (12, source)):
            if text is not None:
                oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
                extensions.append(x509.UnrecognizedExtension(oid, cms.UTF8String(text).dump()))
        certificate = self.authority.issue(
            key,
            purpose,
            *extensions,
            subject="" if source else "Attester",
            log=self.certificate_log,
        )
        payload = json.dumps(statement).encode()
        signature = key.sign(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload))
        material: dict[str, Any] = {"certificate": {"rawBytes": b64(der(certificate))}}
        if self.log:
            material["tlogEntries"] = [self._entry(payload, signature, certificate, self.log)]
        else:
            stamps = [{"signedTimestamp": b64(self._stamp(signature))}]
            material["timestampVerificationData"] = {"rfc3161Timestamps": stamps}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": material,
            "dsseEnvelope": {
                "payload": b64(payload),
                "payloadType": kind,
                "signatures": [{"sig": b64(signature)}],
            },
        }

    def _entry(self, payload: bytes, signature: bytes, certificate: x509.Certificate, log: Key) -> dict[str, Any]:
        """Return the transparency log's only entry, and its proof that it is in there."""
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        content = {
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
                "signatures": [{"signature": b64(signature), "verifier": b64(pem)}],
            },
        }
        body = rfc8785.dumps(content)
        time = int(SIGNED.timestamp())
        promised = {"body": b64(body), "integratedTime": time, "logID": log.id.hex(), "logIndex": 0}
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"log.test\n1\n{b64(root)}\n"
        checkpoint = f"{note}\n\N{EM DASH} log.test {b64(log.id[:4] + log.sign(note.encode()))}\n"
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(log.id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(time),
            "inclusionPromise": {"signedEntryTimestamp": b64(log.sign(rfc8785.dumps(promised)))},
            "inclusionProof": {
                "logIndex": "0",
                "treeSize": "1",
                "rootHash": b64(root),
                "hashes": [],
                "checkpoint": {"envelope": checkpoint},
            },
            "canonicalizedBody": b64(body),
        }

    def _stamp(self, signature: bytes) -> bytes:
        """Return a time stamp of the signature (RFC 3161, section 2.4.2)."""
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3",
                "message_imprint": {"hash_algorithm": sha256, "hashed_message": hashlib.sha256(signature).digest()},
                "serial_number": 1,
                "gen_time": SIGNED,
            }
        )
        content = info.dump()
        stamper = cms.Certificate.load(der(self.stamper))
        identifier = {"hash_algorithm": sha256, "cert_hash": hashlib.sha256(der(self.stamper)).digest()}
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
                {"type": "signing_certificate_v2", "values": [{"certs": [identifier]}]},
            ]
        )
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": stamper.issuer, "serial_number": stamper.serial_number},
            ),
            "digest_algorithm": sha256,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self.stamping.sign(attributes.dump()),
        }
        signed = {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(content)},
            "certificates": [stamper],
            "signer_infos": [signer],
        }
        response = tsp.TimeStampResp(
            {
                "status": {"status": "granted"},
                "time_stamp_token": {"content_type": "signed_data", "content": cms.SignedData(signed)},
            }
        )
        return bytes(response.dump())


def _usage(**usages: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
        " encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: usages.get(name, False) for name in names.split()})

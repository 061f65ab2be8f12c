"""Which certificate authorities are trusted: the build image's, and those that the user binds."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence

from github_assets.errors import ErrorCollector
from github_assets.errors.config import SettingInvalid

SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Red Hat's UBI
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine without ca-certificates
)


def find_system_bundle() -> str | None:
    """Return the path of the system's certificate authorities, or None."""
    return next((path for path in SYSTEM_BUNDLES if os.path.isfile(path)), None)


def trust(bundle: str | None, bindings: Sequence[str] = (), folders: Sequence[str] = ()) -> ssl.SSLContext:
    """Return a client's TLS context that trusts a PEM bundle (None: the system's) and the bindings' PEM files.

    In directories, OpenSSL looks for what it needs by hashed names, as `openssl rehash` makes them.

    The bundled interpreter has another system's paths compiled in, so the usual places are looked at here.
    Raises SettingInvalid for a file that holds no certificate, SeveralFailed for several.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    system = find_system_bundle()
    named = [("SSL_CERT_FILE", bundle)] if bundle else [("the build image", system)] if system else []
    errors = ErrorCollector()
    for where, path in [*named, *(("a ca-certificates binding", path) for path in bindings)]:
        with errors:
            _load(context, where, path)
    errors.raise_collected()
    for folder in folders:
        context.load_verify_locations(capath=folder)
    return context


def _load(context: ssl.SSLContext, where: str, path: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise SettingInvalid(
            where=where, value=path, expected=f"a readable PEM file of certificates ({error.strerror or error})"
        ) from None

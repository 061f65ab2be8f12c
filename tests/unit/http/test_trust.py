from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from github_assets.errors.config import SettingInvalid
from github_assets.http.trust import trust


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    trustme.CA(organization_name="one of ours").cert_pem.write_to_path(str(path))
    return str(path)


def organizations(context: ssl.SSLContext) -> list[str]:
    subjects: list[Any] = [each["subject"] for each in context.get_ca_certs()]
    return [dict(part[0] for part in subject).get("organizationName", "") for subject in subjects]


def test_a_bundle_replaces_the_systems(authority: str) -> None:
    assert organizations(trust(authority)) == ["one of ours"]


def test_bindings_add_to_the_system_s(authority: str) -> None:
    assert set(organizations(trust(None, [authority]))) == {*organizations(trust(None)), "one of ours"}


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("/etc/ssl/certs/ca-certificates.crt", id="Debian, Ubuntu, Alpine"),
        pytest.param("/etc/pki/tls/certs/ca-bundle.crt", id="Red Hat"),
        pytest.param("/etc/ssl/ca-bundle.pem", id="SUSE"),
        pytest.param("/etc/ssl/cert.pem", id="Alpine's base"),
    ],
)
def test_where_the_build_image_has_its_certificates(
    monkeypatch: pytest.MonkeyPatch, authority: str, place: str
) -> None:
    """With a file nowhere else; its content is that of one of ours."""
    load = ssl.SSLContext.load_verify_locations
    monkeypatch.setattr("github_assets.http.trust.os.path.isfile", lambda path: path == place)
    monkeypatch.setattr(
        ssl.SSLContext, "load_verify_locations", lambda self, cafile: load(self, authority if cafile == place else "")
    )

    assert organizations(trust(None)) == ["one of ours"]


def test_names_and_certificates_are_checked(authority: str) -> None:
    context = trust(authority)

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    "content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_certificates_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(content)

    with pytest.raises(SettingInvalid) as bundle:
        trust(str(path))
    with pytest.raises(SettingInvalid) as binding:
        trust(None, [str(path)])
    assert (bundle.value.where, bundle.value.value) == ("SSL_CERT_FILE", str(path))
    assert binding.value.where == "a ca-certificates binding"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="No such file"):
        trust(str(tmp_path / "none.pem"))

"""Packages made when Debian's archive has every pinned version, and when it has none of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from runtime import PackagingError, __main__, bundle, debian, files, wheels
from runtime.debian import Deb, Lock
from runtime.recipe import ARCHITECTURES
from tests.runtime.archive import Publisher, newer


class Archives(NamedTuple):
    """Values of DEBIAN_MIRROR and DEBIAN_SNAPSHOT, and a lock."""

    with_pins: str
    without_pins: str
    snapshots: str
    pins: Lock


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archives]:
    folder = tmp_path_factory.mktemp("archives")
    debs = debian.obtain(debian.read_lock(), release=False).debs
    with pytest.MonkeyPatch.context() as patch, Publisher(folder) as publisher:
        patch.setenv("DEBIAN_KEYRING", str(publisher.keyring))
        with_pins = publisher.publish([Path(deb.path) for deb in debs], folder / "with").as_uri()
        without_pins = publisher.publish(newer(debs, folder), folder / "without").as_uri()
        patch.setenv("DEBIAN_MIRROR", with_pins)
        patch.setattr(debian, "CACHE", str(folder / "cache"))
        pins = debian.Index().newest()
        for name in ("debian", "debian-security"):
            (folder / "snapshots" / name).mkdir(parents=True)
            (folder / "snapshots" / name / pins.snapshot).symlink_to(folder / "with" / name)
        yield Archives(with_pins, without_pins, (folder / "snapshots").as_uri(), pins)


@pytest.fixture(autouse=True)
def machine(archives: Archives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cache is empty, no archive is reachable, and the repository pins the packages of `archives`."""
    for module in (debian, bundle):
        monkeypatch.setattr(module, "CACHE", str(tmp_path / "cache"))
    for variable in ("DEBIAN_MIRROR", "DEBIAN_SNAPSHOT"):
        monkeypatch.setenv(variable, "file:///nonexistent")
    (tmp_path / "lock").write_text(archives.pins.text)
    monkeypatch.setattr(debian, "LOCK", str(tmp_path / "lock"))


def next_version(deb: Deb) -> tuple[str, str, str]:
    return deb.package, deb.architecture, f"{deb.version}.1"


def test_a_build_uses_the_pins_without_an_index(archives: Archives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBIAN_MIRROR", archives.with_pins)
    monkeypatch.setattr(debian, "Index", None)
    assert debian.obtain(archives.pins, release=False) == archives.pins
    assert all(deb.cached for deb in archives.pins.debs)


def test_a_build_without_the_pins_uses_the_newest_packages_silently(
    archives: Archives, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEBIAN_MIRROR", archives.without_pins)
    chosen = debian.obtain(archives.pins, release=False)
    assert capsys.readouterr() == ("", "")
    assert [(deb.package, deb.architecture, deb.version) for deb in chosen.debs] == [
        *map(next_version, archives.pins.debs)
    ]
    assert all(deb.cached for deb in chosen.debs)

    # The same again, and no archive is asked; for other pins it is.
    monkeypatch.setenv("DEBIAN_MIRROR", "file:///nonexistent")
    assert debian.obtain(archives.pins, release=False) == chosen
    with pytest.raises(PackagingError):
        debian.obtain(archives.pins._replace(snapshot="20300101T000000Z"), release=False)


def test_the_bundle_lists_its_packages(archives: Archives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBIAN_MIRROR", archives.without_pins)
    for folder in bundle.bundles(ARCHITECTURES, release=False).values():
        found = debian.read_lock(f"{folder}/licenses/debian.lock.toml")
        assert {deb.version for deb in found.debs} == {f"{deb.version}.1" for deb in archives.pins.debs}


def test_a_release_is_the_same_bytes_when_the_archive_has_lost_its_pins(
    archives: Archives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for mirror, snapshots in (archives.with_pins, ""), (archives.without_pins, archives.snapshots):
        monkeypatch.setenv("DEBIAN_MIRROR", mirror)
        monkeypatch.setenv("DEBIAN_SNAPSHOT", snapshots)
        made.append([files.digest(folder) for folder in bundle.bundles(ARCHITECTURES, release=True).values()])
        shutil.rmtree(tmp_path / "cache")
    assert made[0] == made[1]


def test_a_release_fails_when_no_archive_has_a_pin(archives: Archives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBIAN_MIRROR", archives.without_pins)
    with pytest.raises(PackagingError) as failure:
        debian.obtain(archives.pins, release=True)
    error_text = str(failure.value)
    for deb in archives.pins.debs:
        assert f"{deb.package} {deb.version}" in error_text
    for words in (archives.pins.snapshot, "DEBIAN_SNAPSHOT", debian.RELOCK, "No such file"):
        assert words in error_text
    assert "file:" not in error_text, "an address may hold a password"


def test_a_file_that_does_not_match_its_pin_is_rejected(archives: Archives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBIAN_MIRROR", archives.with_pins)
    first, *rest = archives.pins.debs
    other = first._replace(sha256="0" * 64)
    with pytest.raises(PackagingError, match=f"^{first.package} .*Hash Sum mismatch"):
        debian.obtain(archives.pins._replace(debs=(other, *rest)), release=True)
    assert not Path(first.path).exists()


def test_an_index_signed_by_another_key_is_rejected(archives: Archives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBIAN_MIRROR", archives.without_pins)
    monkeypatch.delenv("DEBIAN_KEYRING")
    with pytest.raises(PackagingError, match=r"not signed"):
        debian.obtain(archives.pins, release=False)


def test_lock_pins_the_newest_versions_and_prints_the_changes(
    archives: Archives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("pyyaml==6.0 \\\n    --hash=sha256:00\ntoml==0.9\n")
    monkeypatch.setattr(wheels, "LOCK", str(requirements))
    monkeypatch.setattr(wheels, "renew_lock", lambda: requirements.write_text("pyyaml==6.1\nurllib3==2.8\n"))

    monkeypatch.setenv("DEBIAN_MIRROR", archives.without_pins)
    __main__.lock()
    renewed = debian.read_lock()
    assert [(deb.package, deb.architecture, deb.version) for deb in renewed.debs] == [
        *map(next_version, archives.pins.debs)
    ]
    changes = {deb.package: f"{deb.package}: {deb.version} -> {deb.version}.1" for deb in archives.pins.debs}
    changes |= {"pyyaml": "pyyaml: 6.0 -> 6.1", "toml": "toml: 0.9 -> none", "urllib3": "urllib3: none -> 2.8"}
    assert capsys.readouterr().out.splitlines() == [changes[name] for name in sorted(changes)]


def test_lock_keeps_pins_that_are_current(
    archives: Archives, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wheels, "renew_lock", lambda: None)
    monkeypatch.setenv("DEBIAN_MIRROR", archives.with_pins)
    pinned = archives.pins._replace(snapshot="20200101T000000Z")
    Path(debian.LOCK).write_text(pinned.text)
    __main__.lock()
    assert debian.read_lock() == pinned
    assert capsys.readouterr() == ("", "")

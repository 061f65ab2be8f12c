"""Which URL a mirror setting gives (Paketo's RFC 0060 and libpak's own cases)."""

from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.bindings import Binding
from github_assets.config.settings import Environment
from github_assets.errors.config import SettingInvalid, SettingsConflict
from github_assets.errors.http import InvalidResponse
from github_assets.errors.transfer import FolderNotMirror
from github_assets.log import Log
from github_assets.transfer.mirrors import MirrorLocation, Mirrors
from tests.properties import examples

PATH = "/octo/tool/releases/download/v1/tool-linux"
URL = f"https://github.com{PATH}"
DIGEST = "0123456789abcdef" * 4


def mirrors(variables: dict[str, str], *bindings: Binding, log: Log | None = None) -> Mirrors:
    return Mirrors(Environment(None, variables), bindings, log or Log())


def mirrored(value: str, url: str = URL) -> MirrorLocation:
    place = mirrors({"BP_DEPENDENCY_MIRROR": value}).location(url, [])
    assert place
    return place


def binding(folder: Path, kind: str, **entries: str) -> Binding:
    for name, text in entries.items():
        (folder / name).write_text(text)
    return Binding(folder.name, kind, {name: str(folder / name) for name in entries})


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("https://m.example", f"https://m.example{PATH}"),
        ("https://m.example/", f"https://m.example{PATH}"),
        ("HTTPS://m.example:8443/a/b", f"https://m.example:8443/a/b{PATH}"),
        ("https://m.example/{originalHost}", f"https://m.example/github.com{PATH}"),
        ("https://m.example/{originalHost}/{originalHost}", f"https://m.example/github.com/%7BoriginalHost%7D{PATH}"),
        ("file:///m/{originalHost}/prefix", f"file:///m/github.com/prefix{PATH}"),
        ("file:///with%20space", f"file:///with%20space{PATH}"),
        ("https://m.example/s,skip-path=/octo/tool", "https://m.example/s/releases/download/v1/tool-linux"),
        ("mirror=https://m.example/s,skip-path=/octo", f"https://m.example/s{PATH.removeprefix('/octo')}"),
        ("https://m.example,skip-path=%2Focto", f"https://m.example{PATH.removeprefix('/octo')}"),
        ("https://m.example%2Fescaped", f"https://m.example/escaped{PATH}"),
        ("https://m.example,skip-path=/none", f"https://m.example{PATH}"),
    ],
)
def test_the_url_of_a_mirror(value: str, becomes: str) -> None:
    assert mirrored(value) == MirrorLocation(becomes, "BP_DEPENDENCY_MIRROR")


@pytest.mark.parametrize("name", ["a+b", "a%2Bb", "a%20b", "ü", "a%23b", "a%3Fb"])
def test_a_name_keeps_its_meaning(name: str) -> None:
    place = mirrored("https://m.example", f"https://github.com/o/r/{name}")

    assert unquote(urlsplit(place.url).path) == f"/o/r/{unquote(name)}"


@pytest.mark.parametrize(
    ("value", "user"),
    [
        ("https://me:secret@m.example", "me:secret"),
        ("https://me@m.example", "me:"),
        ("https://me:p%40ss%2F%3A@m.example", "me:p@ss/:"),
        ("https://user%3Apa%24%24word%2C%40m.example", "user:pa$$word,"),
        ("https://me:p@ss@m.example", "me:p@ss"),
    ],
)
def test_the_credentials_of_a_mirror(value: str, user: str) -> None:
    out = io.StringIO()
    log = Log(out)
    place = mirrors({"BP_DEPENDENCY_MIRROR": value}, log=log).location(URL, [])
    assert place
    assert place.credential

    assert place.url == f"https://m.example{PATH}"
    assert b64decode(place.credential.token.reveal()).decode() == user
    assert (place.credential.scheme, place.credential.origin) == ("Basic", "https://m.example:443")
    log.step(f"{place.credential.token.reveal()} {user.partition(':')[2]}")
    assert set(out.getvalue().split()) <= {"***"}


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://m.example", "https://github.com/o/../../etc/passwd"),
        ("file:///m", "https://github.com/o/%2e%2e/x"),
        ("file:///m/{originalHost}", "https://../etc/passwd"),
        ("https://m.example,skip-path=/x", "https://github.com/./x./x/releases/download/v1/x"),
        ("file:///m,skip-path=x", "https://github.com/o/.x./releases/download/v1/x"),
    ],
)
def test_no_asset_url_leads_out_of_a_mirror(tmp_path: Path, value: str, url: str) -> None:
    with pytest.raises(InvalidResponse):
        mirrored(value, url)
    with pytest.raises(InvalidResponse):
        mirrors({}, binding(tmp_path, "dependency-mirror", default=value)).location(url, [])


@pytest.mark.parametrize("skip", ["/", "/octo", "/octo/"])
@pytest.mark.parametrize("host", ["m.example", "m.example:8443"])
def test_no_asset_url_leads_to_another_host(host: str, skip: str) -> None:
    """Where nothing is left before a name, the name is not part of the host."""
    place = mirrored(f"https://{host},skip-path={skip}", "https://github.com/octo.evil.example/x")

    assert urlsplit(place.url).netloc == host


# directories

RELEASES = "octo/tool/releases/download/v1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The application, what a lifecycle has beside it, and volumes with a mirror and with something else."""
    for folder in ("app", "layers/npm", "platform/bindings/b", "mirror", "secrets", "links"):
        (tmp_path / folder / RELEASES).mkdir(parents=True)
        (tmp_path / folder / RELEASES / "tool-linux").write_text("x")
    (tmp_path / "secrets/password").write_text("x")
    (tmp_path / "links" / RELEASES / "tool-linux").unlink()
    (tmp_path / "links" / RELEASES / "tool-linux").symlink_to(tmp_path / "secrets/password")
    (tmp_path / "to-app").symlink_to("app")
    (tmp_path / "to-mirror").symlink_to("mirror")
    return tmp_path


@pytest.mark.parametrize(
    ("mirror", "url", "taken"),
    [
        ("mirror", URL, True),
        ("mirror/", URL, True),
        ("to-mirror", URL, True),
        ("mirror", f"https://github.com/{RELEASES}/not%20there", True),
        ("mirror,skip-path=/none", URL, True),
        ("mirror,skip-path=/octo", URL, False),
        (f"secrets/password,skip-path={PATH}", URL, False),
        ("secrets", "https://github.com/password", False),
        ("", "https://github.com/secrets/password", False),
        ("", "https://github.com/x/secrets/releases/password", False),
        ("links", URL, False),
        ("app", URL, False),
        ("to-app", URL, False),
        ("mirror/../app", URL, False),
        ("layers/npm", URL, False),
        ("platform/bindings/b", URL, False),
        ("platform", URL, False),
    ],
)
def test_a_folder_that_a_variable_names(root: Path, mirror: str, url: str, taken: bool) -> None:
    """The operator's, laid out as a mirror; nothing else that lies in the build container."""
    application = ApplicationFiles(*(str(root / name) for name in ("app", "platform", "layers")))
    value = f"file://{root}/{mirror}"
    found = Mirrors(Environment(None, {"BP_DEPENDENCY_MIRROR": value}, application), [], Log())
    bound = binding(root / "platform/bindings/b", "dependency-mirror", default=value)

    if taken:
        assert found.location(url, [])
    else:
        with pytest.raises(FolderNotMirror) as refused:
            found.location(url, [])
        assert refused.value.setting == "BP_DEPENDENCY_MIRROR"
    assert Mirrors(Environment(None, {}, application), [bound], Log()).location(url, [])


# which one


def test_the_nearest_setting_wins(tmp_path: Path) -> None:
    bound = binding(tmp_path, "dependency-mirror", **{"github.com": "https://c", "default": "https://d"})
    settings = {"BP_DEPENDENCY_MIRROR_GITHUB_COM": "https://a", "BP_DEPENDENCY_MIRROR": "https://b"}
    order = [
        (settings, [bound], "https://a"),
        ({"BP_DEPENDENCY_MIRROR": "https://b"}, [bound], "https://c"),
        ({"BP_DEPENDENCY_MIRROR": "https://b"}, [], "https://b"),
        ({}, [bound], "https://c"),
    ]

    for variables, bindings, wins in order:
        place = mirrors(variables, *bindings).location(URL, [])
        assert place
        assert place.url == f"{wins}{PATH}"
    other = mirrors({}, bound).location("https://GHE.example.com/x", [])
    assert other
    assert other.url == "https://d/x"


@pytest.mark.parametrize("host", ["examp-le.com", "a.b-c.d", "github.com", "a--b.c"])
def test_how_a_host_is_written_in_a_variable_s_name(host: str) -> None:
    name = f"BP_DEPENDENCY_MIRROR_{host.upper().replace('-', '__').replace('.', '_')}"

    assert mirrors({name: "https://m"}).location(f"https://{host}/x", [])
    assert mirrors({name: "https://m"}).location(f"https://not{host}/x", []) is None
    assert mirrors({name: "https://m"}).location(f"https://elsewhere.example/{host}", []) is None


def test_none() -> None:
    assert mirrors({"BP_DEPENDENCY_MIRROR": ""}).location(URL, [DIGEST]) is None


# mappings


@pytest.mark.parametrize("url", ["https://m/x?sig=1", "http://m/x", "file:///m/x"])
def test_a_mapping_is_used_unchanged(tmp_path: Path, url: str) -> None:
    bound = binding(tmp_path, "dependency-mapping", **{f"sha256_{DIGEST}": url})

    place = mirrors({"BP_DEPENDENCY_MIRROR": "https://elsewhere"}, bound).location(URL, ["f" * 64, DIGEST])

    assert place == MirrorLocation(url, f"sha256_{DIGEST} of the binding {tmp_path.name}")
    assert mirrors({}, bound).location(URL, ["f" * 64]) is None


@pytest.mark.parametrize("url", ["ftp://m/x", "x", "file://m/x", "https://", "http://me:secret@m/x", "http://me@m/x"])
def test_an_invalid_mapping(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingInvalid):
        mirrors({}, binding(tmp_path, "dependency-mapping", **{DIGEST: url})).location(URL, [DIGEST])


def test_two_mappings_of_one_digest(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = binding(tmp_path / "a", "dependency-mapping", **{DIGEST: "https://a"})
    other = binding(tmp_path / "b", "dependency-mapping", **{DIGEST: "https://b"})

    with pytest.raises(SettingsConflict):
        mirrors({}, one, other)
    assert mirrors({}, one, one).location(URL, [DIGEST])


@settings(max_examples=examples(200))
@given(
    value=st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    | st.text("m.e/:@%2F,=#?\\[]1{} skip-path", max_size=20)
)
def test_any_value_is_a_mirror_or_refused(value: str) -> None:
    try:
        place = mirrors({"BP_DEPENDENCY_MIRROR": f"https://{value}"}).location(URL, [])
    except SettingInvalid:
        return
    assert place
    assert place.url.startswith("https://")
    assert urlsplit(place.url).hostname
    assert place.url.isascii() or not urlsplit(place.url).netloc.isascii()

"""Variables, platform files and bindings with any content give settings, or one message without a secret."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config import settings as names
from github_assets.config.bindings import read_bindings
from github_assets.config.configuration import read_configuration
from github_assets.config.names import valid_host_name, valid_tag
from github_assets.config.request import AssetRequest
from github_assets.config.settings import Environment, read_color, read_debugging, read_libc, read_provide, read_timeout
from github_assets.errors import GithubAssetsError
from github_assets.errors.config import SettingInvalid
from github_assets.github.credentials import Credentials
from github_assets.github.servers import read_servers
from github_assets.http.proxies import Proxies, read_proxies
from github_assets.log import Log
from github_assets.messages import message
from github_assets.transfer.mirrors import Mirrors
from tests.properties import examples

SECRET = "hunter2secret"
GOOD = {
    names.REPO: ["octo/tool", "https://github.com/octo/tool", "https://ghe.example.com/octo/tool.git"],
    names.FILE: ["tool-linux-amd64", "tool-*", "/tool/", "{os}", ""],
    names.TARGET: ["tool", ""],
    names.VERSION: ["v1", "latest", "^1.2", ">=1 <2", ""],
    names.TOKEN: [SECRET, f"{SECRET} x", f"{SECRET}\u00fc", f"{SECRET}\nx"],
    names.PREFIX + names.REPO: ["octo/other", ""],
    names.PREFIX + names.FILE: ["other"],
    names.PREFIX + names.TOKEN: [SECRET],
    names.PREFIX + names.EXECUTABLE: ["false", "true", "no", ""],
    names.PREFIX + names.EXTRACT: ["all", "none", "some", ""],
    names.PREFIX + names.PATH: ["bin/*", "/x", "..", ""],
    names.ASSETS: ["a/b", "a/b@v1:f>t,c/d", "https://github.com/a/b@1.x"],
    names.ASSETS_PATH: [
        "more.toml",
        "/more.toml",
        "../outside.toml",
        "link.toml",
        "x/../../outside.toml",
        "nowhere.yml",
    ],
    names.GITHUB_API_URL: ["https://ghe.example.com/api/v3", "http://127.0.0.1:8080"],
    names.GITHUB_SERVER_URL: ["https://github.com", "https://octo.ghe.com/"],
    names.GH_HOST: ["ghe.example.com", "github.com"],
    "GH_TOKEN": [SECRET],
    "GITHUB_ENTERPRISE_TOKEN": [SECRET],
    names.LIBC: ["gnu", "musl", ""],
    names.PROVIDE: ["true", "0", ""],
    names.TIMEOUT: ["5", "1e3", "nan", "0", "-1", "86400", "inf"],
    names.SERVICE_BINDING_ROOT: ["bindings", "nowhere", ""],
    names.CNB_BINDINGS: ["bindings"],
    names.DEPENDENCY_MIRROR: [
        f"https://me:{SECRET}@m.example/{{originalHost}}",
        "file:///m,skip-path=/octo",
        f"ftp://me:{SECRET}@h",
        f"https://{SECRET}@/",
    ],
    names.DEPENDENCY_MIRROR + "_GITHUB_COM": ["https://m.example"],
    "HTTPS_PROXY": [f"http://me:{SECRET}@proxy:3128", "proxy"],
    "ALL_PROXY": [f"socks5://me:{SECRET}@proxy"],
    "NO_PROXY": ["*", "10.0.0.0/8, .example.com:80"],
}
HOLDERS = {name for name, values in GOOD.items() if SECRET in "".join(values)}
"""Variables whose values are not shown, or not all of them."""
TEXT = st.text(max_size=20)
VALUES = TEXT | st.sampled_from([value for values in GOOD.values() for value in values]) | st.binary(max_size=9).map(
    lambda data: data.decode("utf-8", "surrogateescape")
)  # fmt: skip
VARIABLES = st.lists(
    st.sampled_from(list(GOOD)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(GOOD[name]) | VALUES)),
    max_size=5,
).map(dict)
"""Mostly what it should be, so that what is read after it is reached."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("places")
    (root / "app").mkdir()
    (root / "outside.toml").write_text('[[assets]]\nrepo = "out/side"\n')
    (root / "app/more.toml").write_text('[[assets]]\nrepo = "in/side"\n')
    (root / "app/link.toml").symlink_to("../outside.toml")
    return root


@pytest.fixture(autouse=True)
def there(places: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(places)
    yield
    for name in ("platform", "bindings"):
        shutil.rmtree(places / name, ignore_errors=True)


def everything(places: Path, environment: Environment, platform: str | None) -> list[AssetRequest]:
    """Read all that a build reads before it asks anybody."""
    bindings = read_bindings(environment, platform)
    assert 0 < read_timeout(environment) <= 86400
    assert read_libc(environment) in (None, "gnu", "musl")
    assert read_provide(environment) in (True, False)
    read_servers(environment)
    Credentials(environment, bindings)
    Mirrors(environment, bindings, Log(io.StringIO())).location(
        "https://github.com/o/r/releases/download/v1/x", ["ab" * 32]
    )
    read_proxies(environment.in_any_case)
    return read_configuration(str(places / "app"), environment, str(places / "plan")).assets


def without_secret(value: str) -> str:
    return re.sub(SECRET, "x", value, flags=re.I)


def error_text(error: GithubAssetsError) -> str:
    """Return an error's message, which can be printed."""
    text = message(error)
    text.encode()
    return text


@pytest.mark.parametrize("place", ["the process", "the platform"])
def test_a_value_has_an_end(tmp_path: Path, place: str) -> None:
    (tmp_path / "env").mkdir()
    variables = {}
    for name, length in {"FILE": names.LONGEST, "VERSION": names.LONGEST + 1}.items():
        if place == "the process":
            variables[name] = "x" * length
        else:
            (tmp_path / "env" / name).write_text("x" * length)
    environment = Environment(str(tmp_path), variables)

    assert environment.get("FILE")
    with pytest.raises(SettingInvalid) as raised:
        environment.get("VERSION")
    assert raised.value.expected == "at most 65536 characters"


@settings(max_examples=examples(200))
@given(
    variables=VARIABLES, files=st.dictionaries(st.sampled_from(list(GOOD)), VALUES | st.binary(max_size=9), max_size=2)
)
def test_any_variables(places: Path, variables: dict[str, str], files: dict[str, str | bytes]) -> None:
    folder = places / "platform/env"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    variables = {name: value if name in HOLDERS else without_secret(value) for name, value in variables.items()}
    for name, value in files.items():
        if isinstance(value, str) and name not in HOLDERS:
            value = without_secret(value)
        (folder / name).write_bytes(value if isinstance(value, bytes) else os.fsencode(value))
    try:
        assets = everything(places, Environment(str(places / "platform"), variables), str(places / "platform"))
    except GithubAssetsError as error:
        text, assets = error_text(error), []
    else:
        text = repr(assets)
    assert SECRET not in text
    for asset in assets:
        assert asset.repository.owner != "out"
        assert asset.target is None or os.path.basename(asset.target) == asset.target not in ("", ".", "..")
        assert valid_tag(asset.version.text) or asset.version.text[0] in "^~<>=!*0123456789"


@settings(max_examples=examples(100))
@given(
    path=st.lists(st.sampled_from(["..", ".", "/", "app", "x", "more.toml", "outside.toml", "link.toml", "\0"])).map(
        "/".join
    )
)
def test_a_named_file_is_in_the_application(places: Path, path: str) -> None:
    environment = Environment(None, {names.ASSETS_PATH: path})
    try:
        assets = read_configuration(str(places / "app"), environment).assets
    except GithubAssetsError as error:
        assets = []
        error_text(error)
    assert [asset.repository.owner for asset in assets] in ([], ["in"])


ENTRIES = st.sampled_from(
    ["type", "token", "host", "github.com", "default", "ab" * 32, "metadata", "x.pem", ".hidden", "a b"]
)
CONTENTS = st.binary(max_size=12) | st.sampled_from([value.encode() for values in GOOD.values() for value in values])
TYPES = st.sampled_from([b"github", b"GitHub\n", b"dependency-mirror", b"dependency-mapping", b"ca-certificates"])
BINDINGS = st.dictionaries(
    st.sampled_from(["a", "b", ".c"]),
    st.builds(
        lambda entries, kind: {**entries, **({"type": kind} if kind else {})},
        st.dictionaries(ENTRIES, CONTENTS | st.none(), max_size=3),
        st.none() | TYPES | TYPES,
    ),
    max_size=2,
)


@settings(max_examples=examples(100))
@given(bindings=BINDINGS, mounted=st.booleans(), old=st.booleans())
def test_any_bindings(places: Path, bindings: dict[str, dict[str, bytes | None]], mounted: bool, old: bool) -> None:
    """None is a directory where a file should be; `old` is the layout of before."""
    platform = places / "platform"
    root = platform / "bindings" if mounted else places / "bindings"
    shutil.rmtree(root, ignore_errors=True)
    for name, entries in bindings.items():
        for entry, content in entries.items():
            inside = ("metadata/kind" if entry == "type" else f"secret/{entry}") if old else entry
            path = root / name / inside
            if content is None:
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    text = ""
    try:
        everything(
            places, Environment(None, {} if mounted else {names.SERVICE_BINDING_ROOT: "bindings"}), str(platform)
        )
    except GithubAssetsError as error:
        text = error_text(error)
    assert SECRET not in text


# proxies

PROXIES = st.builds(
    lambda scheme, user, rest: f"{scheme}{user}{rest}",
    st.sampled_from(["http://", "", "https://", "socks5://", "HTTP://"]),
    st.sampled_from(["", f"me:{SECRET}@", f"{SECRET}@", f":{SECRET}@", f"me:{SECRET}@@"]),
    st.sampled_from(["proxy:3128", "proxy", "127.0.0.1:1", "[::1]:3128", ":80", "h:0", "h:99999", "h:x", "", "[", "a"]),
) | TEXT  # fmt: skip


@settings(max_examples=examples(150))
@given(
    value=PROXIES,
    name=st.sampled_from(["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]),
    without=TEXT,
    host=st.sampled_from(["a.example", "10.1.2.3", "fd00::1"]),
)
def test_any_proxy(value: str, name: str, without: str, host: str) -> None:
    try:
        proxies = read_proxies({name: value, "NO_PROXY": without}.get)
    except GithubAssetsError as error:
        text, proxies = error_text(error), Proxies()
        assert SECRET not in text
    found = proxies.of("https", host, 443) or proxies.of("http", host, 80)
    assert found is None or (found.host and 0 < found.port < 1 << 16)
    assert SECRET not in str(proxies)
    if found and found.authorization and f":{SECRET}@" in value:
        out = io.StringIO()
        log = Log(out)
        log.add_secrets(proxies.secrets)
        log.step(f"{value} {found.authorization.reveal()}")
        assert SECRET not in out.getvalue()
        assert found.authorization.reveal() not in out.getvalue()


LABELS = st.lists(st.text("ab-1", min_size=1, max_size=3), min_size=1, max_size=3)


@settings(max_examples=examples(200))
@given(host=LABELS, pattern=LABELS, mark=st.sampled_from(["", ".", "*."]), port=st.sampled_from(["", ":443", ":80"]))
def test_no_proxy_is_for_hosts_and_what_is_below_them(
    host: list[str], pattern: list[str], mark: str, port: str
) -> None:
    proxies = read_proxies({"HTTPS_PROXY": "http://p", "NO_PROXY": f"x.y, {mark}{'.'.join(pattern)}{port}"}.get)

    below = host[-len(pattern) :] == pattern and (mark != "*." or host != pattern)
    assert (proxies.of("https", ".".join(host), 443) is None) is (below and port != ":80")


# mirrors


@settings(max_examples=examples(200))
@given(
    mirror=st.sampled_from(["https://m.example", "file:///m", "https://me:p@m.example:8443/a%20b"]),
    folders=st.lists(st.sampled_from(["{originalHost}", "x", "ü", "%2e%2e", "%2F", "a b", ""]), max_size=3),
    path=st.lists(st.text(min_size=1, max_size=4) | st.sampled_from(["..", ".", "%2e%2e"]), min_size=1, max_size=4),
    skip=st.sampled_from(["", ",skip-path=/x", ",skip-path=%2F"]),
)
def test_a_mirror_keeps_the_path_below_its_own(mirror: str, folders: list[str], path: list[str], skip: str) -> None:
    value = "/".join([mirror, *folders]) + skip
    url = "https://github.com/" + "/".join(quote(part, safe="%", errors="replace") for part in path)
    log = Log(io.StringIO())
    try:
        place = Mirrors(Environment(None, {names.DEPENDENCY_MIRROR: value}), [], log).location(url, [])
    except GithubAssetsError as error:
        error_text(error)
        return
    assert place
    assert place.url.startswith(mirror.replace("me:p@", ""))
    assert place.url.isascii()
    assert not set(" ?#\\") & set(place.url)
    assert (place.credential is None) is ("me:p@" not in mirror)
    wanted = unquote(urlsplit(url).path)
    assert ".." not in wanted.replace(unquote(skip.removeprefix(",skip-path=")), "", 1).split("/")
    assert skip or unquote(urlsplit(place.url).path).endswith(wanted)


@settings(max_examples=examples(200))
@given(name=st.text("aZ1.-_[]:%", max_size=12))
def test_valid_host_names_survive_in_a_url(name: str) -> None:
    if valid_host_name(name):
        assert urlsplit(f"https://{name}:8443/x").hostname == name.strip("[]").lower()


@pytest.mark.parametrize(
    ("text", "expected"), [("debug", True), ("DEBUG", True), ("info", False), ("trace", False), ("", False)]
)
def test_the_log_level(text: str, expected: bool) -> None:
    assert read_debugging(Environment(None, {"BP_LOG_LEVEL": text})) is expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "true", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "0"}, None),
        ({"FORCE_COLOR": ""}, None),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, None),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm"}, None),
    ],
)
def test_colors(variables: dict[str, str], expected: bool | None) -> None:
    assert read_color(Environment(None, variables)) is expected

"""Whatever an application has in its files and variables: no secret of the platform reaches whom it is not for.

One example is a build: an operator's and a user's secrets and settings, an application that an attacker has written in
full, and an internet in which every host answers and notes what it is sent.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import toml
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.buildpack.build import build
from github_assets.buildpack.context import build_context
from github_assets.errors import GithubAssetsError
from github_assets.log import Log
from github_assets.messages import message
from github_assets.platforms import Platform
from github_assets.resolution.lock import Lock, LockedAsset, LockKey
from github_assets.resolution.lock_file import to_text
from github_assets.transfer.source import GITHUB as GITHUBS_DIGEST
from tests.contract.internet import LOCAL, Internet, Seen
from tests.properties import examples

CLOUD = ["GH_TOKEN", "GITHUB_TOKEN"]
ENTERPRISE = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
OURS = ["TOKEN", "BP_GITHUB_ASSET_TOKEN", "BP_GITHUB_ASSET_TOKEN_OCTO"]
OTHERS = ["NPM_TOKEN", "AWS_SECRET_ACCESS_KEY"]
SECRETS = [*CLOUD, *ENTERPRISE, *OURS, *OTHERS]
GITHUB, RESIDENT, COMPANY = "api.github.com:443", "api.octo.ghe.com:443", "ghe.example.com:443"
MIRROR = "mirror.example.com:443"
BOUND_OTHER = "ghp_bound_other"
CONTENT = b"#!/bin/sh\n".ljust(len(BOUND_OTHER))
"""As long as a secret, so that one could pass for the other."""
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PASSWORD = "p4sswordOfTheMirror"


# the operator, and the user of the platform


class Operator(NamedTuple):
    """Variables in the process, variables of the user's in the platform's directory, and bindings."""

    process: dict[str, str]
    user: dict[str, str]
    bindings: dict[str, dict[str, str]]


NAMES = st.fixed_dictionaries(
    {},
    optional={
        "GH_HOST": st.sampled_from(["ghe.example.com", "octo.ghe.com"]),
        "GITHUB_SERVER_URL": st.sampled_from(["https://ghe.example.com", "https://octo.ghe.com", "https://github.com"]),
        "GITHUB_API_URL": st.just("{local}"),
    },
)


def variables(place: str) -> st.SearchStrategy[dict[str, str]]:
    """Return secrets that are set in a place, each with a text of its own, and the hosts that are named there."""
    secrets = st.just([]) | st.lists(st.sampled_from(SECRETS), min_size=2, unique=True)
    texts = secrets.map(lambda names: {name: f"ghp_{name}_of_{place}" for name in names})
    return st.builds(lambda texts, names: {**texts, **names}, texts, NAMES)


BINDINGS = st.fixed_dictionaries(
    {},
    optional={
        "cloud": st.just({"type": "github", "token": "ghp_bound_cloud"}),
        "company": st.just({"type": "github", "token": "ghp_bound_company", "host": "ghe.example.com"}),
        "few": st.just({"type": "github", "token": "ghp_bound_few", "repositories": "acme/*, octo/public"}),
        "other": st.just({"type": "other", "password": BOUND_OTHER}),
        "mirror": st.just({"type": "dependency-mirror", "default": f"https://me:{PASSWORD}@mirror.example.com"}),
    },
)
OPERATORS = st.builds(Operator, variables("process"), variables("user"), BINDINGS)


def may_reach(operator: Operator, hidden: bool) -> Iterator[tuple[str, set[str]]]:
    """Yield every secret, and the hosts that it may be sent to.

    A project.toml that the application keeps out of the build speaks with the user's voice: nobody can tell.
    """
    api = {"ghe.example.com": COMPANY, "octo.ghe.com": RESIDENT, "github.com": GITHUB}
    for place, named in (("process", [operator.process]), ("user", [operator.process, operator.user])):
        hosts = {
            api[value.removeprefix("https://")]
            for setting in named
            for name, value in setting.items()
            if name in ("GH_HOST", "GITHUB_SERVER_URL")
        }
        if any("GITHUB_API_URL" in setting for setting in named):
            hosts.add(LOCAL)
        for name in SECRETS:
            if name in getattr(operator, place):
                if name in CLOUD:
                    allowed = {GITHUB, *hosts} - {COMPANY, LOCAL}
                elif name in ENTERPRISE:
                    allowed = hosts & {COMPANY}
                else:
                    allowed = set() if name in OTHERS else hosts or {GITHUB}
                if not (hidden and place == "user" and name not in OTHERS):
                    yield f"ghp_{name}_of_{place}", allowed
    yield "ghp_bound_cloud", {GITHUB}
    yield "ghp_bound_company", {COMPANY}
    yield "ghp_bound_few", {GITHUB}
    yield BOUND_OTHER, set()
    yield PASSWORD, set()
    yield base64.b64encode(f"me:{PASSWORD}".encode()).decode(), {MIRROR}


# the application


EVIL = ["evil.example.com", "evil.ghe.com", "api.github.com.evil.example.com", "ghe.example.com.evil.io"]
HOSTS = [*EVIL, "ghe.example.com", "octo.ghe.com", "github.com"]
DISGUISED = ["evil.example.com/x.ghe.com", "api.github.com@evil.example.com", "evil.example.com#.ghe.com"]
REPOS = ["octo/public", "octo/public", "octo/private", "acme/tool", *(f"https://{host}/octo/private" for host in HOSTS)]
SERVERS = [f"https://{host}" for host in (*HOSTS, *EVIL, *DISGUISED)]
APIS = [*(f"https://{host}/api/v3" for host in HOSTS), "https://api.github.com", "https://api.evil.ghe.com", "{plain}"]
PATHS = [
    "{app}/ca.pem",
    "ca.pem",
    "/proc/self/cwd/ca.pem",
    "{platform}/env/EVIL",
    "{app}/link/ca.pem",
    "{layers}/other/ca.pem",
]
BOUND = "deeper/than/bindings"
"""Where a build does not look for bindings with a token, which would end it at once."""
BINDING_ROOTS = [f"{{app}}/{BOUND}", BOUND, f"{{app}}/link/{BOUND}", "{platform}/env", "/proc/self", "/nonexistent"]
FOLDERS = [
    "{app}/m",
    "{platform}/bindings/other/password,skip-path=/octo/public/releases/download/v1/tool-linux-amd64",
    "{platform}/bindings/other,skip-path=/octo/public/releases/download/v1",
    "{layers}/other",
    "/proc/self/cwd/m",
    "/",
]
MIRRORS = [*(f"file://{folder}" for folder in FOLDERS), "https://evil.example.com", "https://mirror.example.com/x"]
VARIABLES: dict[str, list[str]] = {
    "REPO": REPOS,
    "FILE": ["tool-linux-amd64", "tool-*"],
    "VERSION": ["v1", "latest"],
    "BP_GITHUB_ASSETS": [*REPOS, "octo/public@v1:tool-linux-amd64>b"],
    "GITHUB_ASSETS_PATH": ["more.toml"],
    "GITHUB_SERVER_URL": SERVERS,
    "GITHUB_API_URL": APIS,
    "GH_HOST": [*HOSTS, *EVIL, *DISGUISED],
    "HTTPS_PROXY": ["{evil_proxy}"],
    "https_proxy": ["{evil_proxy}"],
    "HTTP_PROXY": ["{evil_proxy}"],
    "ALL_PROXY": ["{evil_proxy}"],
    "NO_PROXY": ["127.0.0.1"],
    "EVIL": ["{evil_authority}"],
    **{name: ["ghp_theApplicationsOwn"] for name in ("TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "NPM_TOKEN")},
}
"""What says something about almost every build."""
OTHER_VARIABLES = {
    "BP_DEPENDENCY_MIRROR": MIRRORS,
    "BP_DEPENDENCY_MIRROR_GITHUB_COM": MIRRORS,
    "SSL_CERT_FILE": PATHS,
    "SSL_CERT_DIR": ["{app}/authorities", "authorities", "/etc/ssl/certs:{app}/link/authorities"],
    "SERVICE_BINDING_ROOT": BINDING_ROOTS,
    "CNB_BINDINGS": BINDING_ROOTS,
}
SCHEMES = [
    ["REPO"],
    ["REPO", "GITHUB_SERVER_URL"],
    ["REPO", "HTTP_PROXY"],
    ["REPO", "GH_HOST", "GITHUB_API_URL"],
    ["REPO", "FILE", "BP_DEPENDENCY_MIRROR"],
    ["REPO", "FILE", "BP_DEPENDENCY_MIRROR_GITHUB_COM"],
    *(
        ["REPO", "HTTPS_PROXY", "EVIL", name]
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SERVICE_BINDING_ROOT", "CNB_BINDINGS")
    ),
    [],
]
"""Variables that do more together than each alone."""


def some_of(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Return values of these variables, and of a few more."""
    every = {**VARIABLES, **OTHER_VARIABLES}
    more = st.lists(st.sampled_from(list(VARIABLES)), max_size=2)
    return more.flatmap(
        lambda more: st.fixed_dictionaries({name: st.sampled_from(every[name]) for name in [*names, *more]})
    )


MOODS = ["found", "found", "elsewhere", "not found", "refused", "redirected"]
ASSET = "/octo/public/releases/download/v1/tool-linux-amd64"


class Attack(NamedTuple):
    """What an application's author decides; `moods` is what the answers of the hosts that are asked are like."""

    variables: dict[str, str]
    header: str
    hidden: bool
    moods: list[str]
    file: str
    tables: Sequence[Mapping[str, str]]
    required: Sequence[Mapping[str, str]]
    locked: str | None


def attacks(operator: Operator) -> st.SearchStrategy[Attack]:
    """Return what an attacker may write who knows which variables are set."""
    named = [name for name in SECRETS if name in {**operator.process, **operator.user}]
    table = st.fixed_dictionaries(
        {"repo": st.sampled_from(REPOS)},
        optional={
            "token_env": st.sampled_from(named or ["EVIL"]),
            "api_url": st.sampled_from(APIS),
            "file": st.just("tool-linux-amd64"),
            "version": st.just("v1"),
            "verify": st.just("required"),
        },
    )
    hidden = st.booleans()
    headers = st.sampled_from(["[[build.env]]", "[[io.buildpacks.build.env]]", "[[BUILD.ENV]]", "broken"])
    moods = st.lists(st.sampled_from(MOODS), min_size=1, max_size=3)
    unlocked = st.builds(
        Attack,
        variables=st.sampled_from(SCHEMES).flatmap(some_of),
        header=headers,
        hidden=hidden,
        file=st.sampled_from(["github-assets.toml", "github-assets.yaml", "more.toml", "project.toml"]),
        tables=st.lists(table, max_size=2),
        required=st.just([]) | st.lists(table, max_size=1),
        locked=st.none(),
        moods=moods,
    )
    urls = st.sampled_from([f"https://{host}{ASSET}" for host in ("api.github.com", *HOSTS)])
    locked = st.builds(
        Attack,
        variables=some_of([]).map(lambda more: {**more, "REPO": "octo/public"}),
        header=headers,
        hidden=hidden,
        file=st.just("github-assets.toml"),
        tables=st.just([]),
        required=st.just([]),
        locked=urls,
        moods=moods,
    )
    return st.one_of(unlocked, unlocked, unlocked, locked)


def answers(attack: Attack, internet: Internet, seen: Seen) -> bytes:
    """Return what a host answers: a release whose asset is anywhere, or any way of sending the client elsewhere."""
    mood = attack.moods[len(internet.seen) % len(attack.moods)]
    evil = "https://evil.example.com"
    status, headers, body = 200, {}, b"{}"
    if "/releases" in seen.path and "/download/" not in seen.path and "/assets/" not in seen.path:
        where = {"elsewhere": evil, "redirected": f"https://{seen.host.removesuffix(':443')}"}.get(
            mood, "https://github.com"
        )
        digest = None if mood == "elsewhere" else f"sha256:{DIGEST}"
        asset = {"id": 1, "name": "tool-linux-amd64", "state": "uploaded", "size": len(CONTENT), "digest": digest}
        asset["browser_download_url"] = f"{where}{ASSET}"
        body = json.dumps({"tag_name": "v1", "draft": False, "prerelease": False, "assets": [asset]}).encode()
    elif "/download/" in seen.path or "/assets/" in seen.path:
        body = CONTENT
    if mood == "not found":
        status = 404
    elif mood == "refused":
        status = 401
    elif mood == "redirected":
        status, headers = 302, {"Location": f"{evil}{seen.path}"}
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*head, "", ""]).encode() + body


@pytest.fixture(scope="module")
def internet() -> Iterator[Internet]:
    with Internet() as running:
        yield running


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    before = os.getcwd()
    yield tmp_path_factory.mktemp("build")
    os.chdir(before)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a build leaves its sockets to the end
@settings(max_examples=examples(100))
@given(both=OPERATORS.flatmap(lambda operator: st.tuples(st.just(operator), attacks(operator))))
def test_no_secret_reaches_anybody_it_is_not_for(root: Path, internet: Internet, both: tuple[Operator, Attack]) -> None:
    operator, attack = both
    written, log = played(root, internet, operator, attack)

    secrets = dict(may_reach(operator, attack.hidden))
    for seen in internet.seen:
        for secret, hosts in secrets.items():
            if secret in seen.head:
                assert seen.host in hosts, (secret, seen)
                assert not seen.intercepted, (secret, seen)
        if "ghp_bound_few" in seen.head:
            assert seen.path.startswith(("/repos/acme/", "/repos/octo/public/")), seen
    left = [log.encode(), *(path.read_bytes() for path in written if path.is_file())]
    for path in (root / "layers/ours").rglob("*"):
        left += [os.fsencode(path.name), path.read_bytes() if path.is_file() else b""]
    for secret in secrets:
        assert not any(secret.encode() in each for each in left), secret


BENIGN = Attack({"REPO": "octo/public"}, "[[build.env]]", False, ["found"], "github-assets.toml", [], [], None)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("operator", "secret", "host"),
    [
        (Operator({"TOKEN": "ghp_TOKEN_of_process"}, {}, {}), "ghp_TOKEN_of_process", GITHUB),
        (Operator({}, {"TOKEN": "ghp_TOKEN_of_user"}, {}), "ghp_TOKEN_of_user", GITHUB),
        (Operator({"TOKEN": "ghp_local", "GITHUB_API_URL": "{local}"}, {}, {}), "ghp_local", LOCAL),
        (Operator({}, {}, {"few": {"type": "github", "token": "ghp_bound_few"}}), "ghp_bound_few", GITHUB),
    ],
    ids=["process", "user", "local", "binding"],
)
def test_the_internet_sees_the_secrets_that_are_for_it(
    root: Path, internet: Internet, operator: Operator, secret: str, host: str
) -> None:
    """What is played is a build that gets through: without this, the property could not fail."""
    _, log = played(root, internet, operator, BENIGN)

    assert "Installed" in log
    assert host in {seen.host for seen in internet.seen if secret in seen.head}


def played(root: Path, internet: Internet, operator: Operator, attack: Attack) -> tuple[list[Path], str]:
    """Build, and return the files that must not change, and the log."""
    internet.seen.clear()
    internet.answer = lambda seen: answers(attack, internet, seen)
    written = prepare(root, internet, operator, attack)

    log = io.StringIO()
    lifecycle = {name: str(root / name.lower()) for name in ("PLATFORM", "LAYERS")}
    process = {
        "SSL_CERT_FILE": str(root / "ca.pem"),
        "HTTPS_PROXY": internet.proxy,
        "BP_GITHUB_ASSETS_TIMEOUT": "20",
        **{name: value.replace("{local}", internet.local) for name, value in operator.process.items()},
        "CNB_PLATFORM_DIR": lifecycle["PLATFORM"],
        "CNB_LAYERS_DIR": f"{lifecycle['LAYERS']}/ours",
        "CNB_BP_PLAN_PATH": str(root / "plan.toml"),
        "CNB_TARGET_OS": "linux",
        "CNB_TARGET_ARCH": "amd64",
    }
    try:
        build(build_context([], process), Log(log, log))
    except GithubAssetsError as error:
        log.write(message(error))
    return written, log.getvalue()


def prepare(root: Path, internet: Internet, operator: Operator, attack: Attack) -> list[Path]:
    """Write everything that a build has, and return the files that must not change."""
    for folder in ("app", "platform", "layers"):
        shutil.rmtree(root / folder, ignore_errors=True)
    for folder in ("app/authorities", "platform/env", "layers/ours", "layers/other"):
        (root / folder).mkdir(parents=True)
    os.chdir(root / "app")
    (root / "ca.pem").write_text(internet.authority)
    places = {name: str(root / name) for name in ("app", "platform", "layers")}
    places |= {"plain": internet.plain, "local": internet.local}
    places |= {"evil_proxy": internet.evil_proxy, "evil_authority": internet.evil_authority}

    def meant(value: str) -> str:
        for name, place in places.items():
            value = value.replace(f"{{{name}}}", place)
        return value

    for name, entries in operator.bindings.items():
        bind(root / "platform/bindings" / name, entries)
    said = {name: meant(value) for name, value in attack.variables.items()}
    for name, value in {**said, **operator.user}.items():
        (root / "platform/env" / name).write_text(meant(value))

    app = root / "app"
    (app / "ca.pem").write_text(internet.evil_authority)
    (app / "link").symlink_to(".")
    (root / "layers/other/ca.pem").write_text(internet.evil_authority)
    bind(app / BOUND / "ca", {"type": "ca-certificates", "pem": internet.evil_authority})
    bind(app / BOUND / "company", {"type": "github", "token": "ghp_theApplicationsOwn"})
    for mirror in (app / "m", root / "layers/other"):
        link = mirror / ASSET.removeprefix("/")
        link.parent.mkdir(parents=True)
        link.symlink_to(root / "platform/bindings/other/password")
    tables = [{key: meant(value) for key, value in table.items()} for table in attack.tables]
    project = ""
    if attack.header == "broken":
        project = "[not TOML\n"
    elif not attack.hidden:
        for name, value in said.items():
            project += f"{attack.header}\nname = {json.dumps(name)}\nvalue = {json.dumps(value)}\n"
    if attack.file == "project.toml" and project != "[not TOML\n":
        project += toml.dumps({"metadata": {"github-assets": tables}}) if tables else ""
    elif attack.file.endswith(".yaml"):
        (app / attack.file).write_text(json.dumps({"assets": tables}))
    else:
        (app / attack.file).write_text(toml.dumps({"assets": tables}))
    (app / "project.toml").write_text(project)
    required = [{"name": "github-assets", "metadata": {k: meant(v) for k, v in t.items()}} for t in attack.required]
    (root / "plan.toml").write_text(toml.dumps({"entries": required}))
    if attack.locked:
        key = LockKey("octo/public", "https://github.com")
        platform = Platform("linux", "amd64", None)
        locked = LockedAsset(
            key,
            platform,
            repository_id=1,
            tag="v1",
            release_id=1,
            immutable=False,
            asset="tool-linux-amd64",
            id=1,
            size=len(CONTENT),
            sha256=DIGEST,
            url=attack.locked,
            verified_by=GITHUBS_DIGEST,
        )
        (app / "github-assets.lock").write_text(to_text(Lock((platform,), (locked,))))
    return [root / "plan.toml", app / "project.toml"]


def bind(folder: Path, entries: Mapping[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in entries.items():
        (folder / name).write_text(text)

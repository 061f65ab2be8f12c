"""The fault matrix: every fault of the API, the web host and the store, once and permanently.

The real client over real sockets and TLS; the waits are short, and all else is as in a build. A table ends the run.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from github_assets.config.request import Repository
from github_assets.errors import GithubAssetsError
from github_assets.github.api import Api
from github_assets.http.client import Client
from github_assets.http.connections import Timeouts
from github_assets.http.credential import Credential
from github_assets.http.retry import RetryPolicy
from github_assets.http.trust import trust
from github_assets.http.urls import origin
from github_assets.log import Log
from github_assets.messages import message
from github_assets.secrets import Secret
from github_assets.transfer.download import download
from github_assets.transfer.source import SHA256, ExpectedDigest, Source
from testing.githubd import GitHub, Server, faults
from testing.githubd.faults import Fault

TOKEN = "ghp_" + "m4trix" * 6
CONTENT = b"\x7fELF" + bytes(range(256)) * 400
SIZE = len(CONTENT)
DEADLINE = 8.0
"""Seconds for one cell."""
GRACE = 2.0
TIMEOUTS = Timeouts(connect=1, read=0.5)
RETRY_POLICY = RetryPolicy(backoff=0.03)
AT_ONCE = 12
ALL = "api web store"
BODIES = "web store"


class Row(NamedTuple):
    """A fault, and the hosts at which it is survived: when it strikes once, and when it never ends."""

    name: str
    fault: Callable[[str], Fault] | Fault
    once: str = ALL
    ever: str = ""
    hosts: str = ALL
    token: bool = False
    first: Fault | None = None
    """Strikes once before it: what it is needed for."""
    either: str = ""
    """The hosts at which both ends are right: a reset takes an unknown number of bytes along."""
    deadline: float = DEADLINE


def in_body(cut: type[faults.Cut], share: float) -> Callable[[str], Fault]:
    return lambda role: cut(200 if role == "api" else int(SIZE * share))


REDIRECTS = [
    Row(
        f"{status} to {to.partition(':')[0]}{', token' if token else ''}",
        faults.Redirect(status, to),
        once=survived,
        ever=survived,
        hosts="api store" if token else ALL,
        token=token,
    )
    for status in (301, 302, 307)
    for to, survived in {"other": ALL, "plain": "", "file:///etc/passwd": "", "https://127.0.0.1:99999/": ""}.items()
    for token in (False, True)
]
ROWS = [
    Row("refused", faults.Refused()),
    Row("reset", faults.Reset()),
    Row("reset in the body", in_body(faults.Reset, 2 / 3), either=BODIES),
    Row("stall", faults.Stall()),
    Row("stall in the body", in_body(faults.Stall, 1 / 2), ever=BODIES),
    Row("hang up", faults.Truncate()),
    Row("truncate", in_body(faults.Truncate, 1 / 2), ever=BODIES),
    Row("truncate at once", faults.Truncate(0)),
    Row("drip", faults.SlowDrip(20), once="", deadline=1.5),
    Row("too long", faults.TooLong()),
    Row("too long, undeclared", faults.TooLong(declared=False), ever=ALL),
    Row("200 instead of 206", faults.IgnoreRange(), hosts=BODIES, ever=BODIES, first=faults.Truncate(SIZE // 2)),
    Row("wrong 206", faults.WrongRange(), hosts=BODIES, first=faults.Truncate(SIZE // 3)),
    Row("wrong 206, denied", faults.WrongRange(admitted=False), hosts=BODIES, first=faults.Truncate(SIZE // 3)),
    Row("206, not asked for", faults.WrongRange()),
    Row("changed ETag", faults.ChangedETag(), hosts=BODIES, ever=BODIES, first=faults.Truncate(SIZE // 2)),
    Row("100 before it", faults.Informational(100), ever=ALL),
    Row("102 before it", faults.Informational(102), ever=ALL),
    Row("103 before it", faults.Informational(103), ever=ALL),
    Row("103 before it, ten times", faults.Informational(103, 10), ever=ALL),
    Row("199 before it", faults.Informational(199), ever=ALL),
    Row("100 before it, endless", faults.Informational(100, 100_000)),
    Row("103 before it, endless", faults.Informational(103, 100_000)),
    Row("101 before it", faults.Informational(101)),
    *REDIRECTS,
    Row("302 in a circle", lambda role: faults.Redirect(302, role)),
    Row("401", faults.Status(401), once="store"),
    Row("401, token", faults.Status(401), hosts="api store", token=True),
    Row("403", faults.Status(403), once="store"),
    Row("403 single sign-on, token", faults.SamlRequired(), hosts="api store", token=True),
    Row("403 IP address, token", faults.IpNotAllowed(), hosts="api store", token=True),
    Row("403 permission, token", faults.Forbidden(), hosts="api store", token=True),
    Row("403 rate limit", faults.RateLimited(reset_in=1), deadline=4),
    Row("403 rate limit, an hour", faults.RateLimited(reset_in=3600), once=""),
    Row("403 secondary limit", faults.SecondaryLimit(retry_after=1), deadline=4),
    Row("404", faults.Status(404), once=BODIES),
    Row("408", faults.Status(408)),
    Row("410", faults.Status(410), once=BODIES),
    Row("429", faults.Status(429)),
    Row("429 with Retry-After", faults.Status(429, retry_after=1), deadline=4),
    Row("429 for an hour", faults.Status(429, retry_after=3600), once=""),
    Row("500", faults.Status(500)),
    Row("502", faults.Status(502)),
    Row("503", faults.Status(503)),
    Row("503 with Retry-After", faults.Status(503, retry_after=1), deadline=4),
    Row("HTML 200", faults.HtmlPage()),
    Row("called HTML", faults.CalledPage(), hosts=BODIES, ever=BODIES),
    Row("garbled gzip", faults.GarbledGzip()),
    Row("wrong digest", faults.WrongDigest(), once=BODIES),
    Row("giant headers", faults.GiantHeaders()),
    Row("half a JSON", faults.InvalidJson(), hosts="api"),
    Row("another JSON", faults.WrongJson(), hosts="api"),
]


class Cell(NamedTuple):
    """A row at one host, once or for ever."""

    row: Row
    role: str
    once: bool

    @property
    def name(self) -> str:
        return f"{self.row.name} - {self.role} - {'once' if self.once else 'for ever'}"


class Outcome(NamedTuple):
    """What came of a cell."""

    content: bytes | None
    error_text: str
    log: str
    seconds: float
    authorized: set[str]
    struck: int


CELLS = [Cell(row, role, once) for row in ROWS for role in row.hosts.split() for once in (True, False)]


def play(cell: Cell, folder: Path) -> Outcome:
    """Run the client against a server of its own."""
    github = GitHub(tokens={TOKEN})
    github.repository("octo/tool").release("v1").asset("tool", CONTENT)
    path, log = folder / cell.name.replace("/", " "), io.StringIO()
    with Server(github) as server:
        role: Any = cell.role
        if cell.row.first:
            server.fail(role, cell.row.first, times=1)
        fault = cell.row.fault if isinstance(cell.row.fault, Fault) else cell.row.fault(role)
        injection = server.fail(role, fault, times=1 if cell.once else None)
        credential = Credential(Secret(TOKEN), origin(server.api_url)) if cell.row.token else None
        began, error_text = time.monotonic(), ""
        trusted, options = trust(server.ca_path), {"timeouts": TIMEOUTS, "retry_policy": RETRY_POLICY}
        with closing(Client(Log(log, log), trusted, cell.row.deadline, **options)) as client:
            try:
                fetch(client, server.api_url, credential, str(path))
            except GithubAssetsError as error:
                error_text = message(error)
        seconds = time.monotonic() - began
        authorized = {str(record.role) for record in server.requests() if "authorization" in record.headers}
    return Outcome(
        path.read_bytes() if path.exists() else None, error_text, log.getvalue(), seconds, authorized, injection.hits
    )


def fetch(client: Client, url: str, credential: Credential | None, path: str) -> None:
    api = Api(client, url, credential)
    repository = Repository("octo", "tool")
    [asset] = api.release(repository, None).assets
    where = api.asset_url(repository, asset) if credential else api.browser_url(asset)
    digest = (asset.digest or "").removeprefix(f"{SHA256}:")
    download(client, asset, Source(where, (ExpectedDigest(digest, "GitHub"),), credential), path)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[dict[str, Outcome]]:
    folder = tmp_path_factory.mktemp("matrix")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        played = pool.map(lambda cell: play(cell, folder), CELLS)
        outcomes = {cell.name: outcome for cell, outcome in zip(CELLS, played, strict=True)}
    yield outcomes
    capture: Any = pytestconfig.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("", *table(outcomes), sep="\n")


def table(outcomes: dict[str, Outcome]) -> Iterator[str]:
    columns = [(role, once) for role in ALL.split() for once in (True, False)]
    heads = [f"{role} {'once' if once else 'ever'}" for role, once in columns]
    yield f"{'':28}" + "".join(f"{head:12}" for head in heads)
    for row in ROWS:
        ends = []
        for role, once in columns:
            outcome = outcomes.get(Cell(row, role, once).name)
            ends.append("" if outcome is None else "right bytes" if outcome.content == CONTENT else "message")
        yield f"{row.name:28}" + "".join(f"{end:12}" for end in ends)
    yield f"{len(outcomes)} cells"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can count refused connections")
@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
def test_cell(outcomes: dict[str, Outcome], cell: Cell) -> None:
    outcome = outcomes[cell.name]

    assert outcome.struck or "Connection refused" in outcome.error_text  # for ever, and not counted
    assert outcome.content in (CONTENT, None)
    assert (outcome.content is None) == outcome.error_text.startswith("ERROR: ")
    assert outcome.seconds < cell.row.deadline + GRACE
    assert outcome.authorized <= {"api"}
    for secret in (TOKEN, "sig="):
        assert secret not in outcome.error_text + outcome.log
    survived = cell.row.once if cell.once else cell.row.ever
    if cell.once or cell.role not in cell.row.either.split():
        assert (outcome.content == CONTENT) is (cell.role in survived.split()), outcome.error_text + outcome.log


def test_the_matrix_is_large_and_has_no_duplicates() -> None:
    assert len({cell.name for cell in CELLS}) == len(CELLS) >= 150

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from testing.githubd import GitHub, Server
from testing.githubd.state import RateLimits


@pytest.fixture
def github() -> GitHub:
    return GitHub(tokens={"user"}, rate_limits=RateLimits(anonymous=60, token=5000))


@pytest.fixture
def server(github: GitHub) -> Iterator[Server]:
    with Server(github) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = server.ca_path
        session.max_redirects = 5
        yield session

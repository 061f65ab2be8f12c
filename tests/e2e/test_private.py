"""A private repository: not accessible without its token, which is left nowhere afterwards."""

from __future__ import annotations

import json

import pytest

from testing.toolchain.pack import image_config, image_files
from tests.e2e.stage import LATEST, PROBE, SEED, Stage, publish

PRIVATE = "acme/secret-probe"
TOKEN = "ghp_e2eTokenThatMustNotBeFound0123456789"


@pytest.fixture(autouse=True)
def private(stage: Stage) -> None:
    publish(stage.github.github.repository(PRIVATE, private=True, readers={TOKEN}), LATEST)


def test_without_a_token_the_error_says_what_to_do(stage: Stage) -> None:
    failed = stage.build({**SEED, "REPO": PRIVATE}, check=False)

    assert failed.returncode != 0
    assert f"Repository {PRIVATE} not found on " in failed.stdout
    assert "set TOKEN" in failed.stdout


def test_with_a_token_it_works_and_no_token_is_kept(stage: Stage) -> None:
    output = stage.build({**SEED, "REPO": PRIVATE, "TOKEN": TOKEN, "BP_LOG_LEVEL": "DEBUG"}).stdout

    assert TOKEN not in output
    files = list(image_files(stage.docker, stage.image))
    assert PROBE in {file.path for file in files}
    assert not [file.path for file in files if TOKEN.encode() in file.content or TOKEN in file.path]
    assert TOKEN not in json.dumps(image_config(stage.docker, stage.image))
    assert TOKEN not in stage.docker.docker("history", "--no-trunc", stage.image).stdout
    requests = stage.github.requests()
    carriers = {request.role for request in requests if TOKEN in repr(request)}
    assert carriers == {"api"}
    assert {"api", "store"} <= {request.role for request in requests}

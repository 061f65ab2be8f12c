from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from testing.githubd import GitHub, Server, faults, state_file

STATE = """
tokens = ["user"]
rate_limits = { anonymous = 60, token = 5000 }
[[repositories]]
name = "octo/tool"
private = true
readers = ["reader"]
attestations = [{ digest = "sha256:00", bundle = "bundle.json" }]
[[repositories.releases]]
tag = "v1"
created_at = 2024-02-03T04:05:06Z
[[repositories.releases.assets]]
name = "tool"
path = "files/tool"
[[repositories.releases.assets]]
name = "old"
text = "old"
digest = ""
[[repositories]]
name = "octo/old"
renamed_to = "octo/new"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "tool").write_bytes(b"tool" * 1000)
    (tmp_path / "bundle.json").write_text("{}")
    (tmp_path / "state.toml").write_text(STATE)
    return tmp_path


def command(folder: Path) -> list[str]:
    options = ["--state", str(folder / "state.toml"), "--directory", str(folder / "run")]
    return [sys.executable, "-m", "testing.githubd", *options]


class TestProcess:
    @pytest.fixture
    def process(self, folder: Path) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(command(folder), stdout=subprocess.PIPE, text=True) as process:
            yield process
            process.kill()

    @pytest.fixture
    def urls(self, process: subprocess.Popen[str]) -> dict[str, str]:
        assert process.stdout is not None
        urls: dict[str, str] = json.loads(process.stdout.readline())
        return urls

    @pytest.fixture
    def client(self, urls: dict[str, str]) -> Iterator[requests.Session]:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = urls["ca_path"]
            yield session

    def test_serves_its_state(self, urls: dict[str, str], client: requests.Session) -> None:
        client.headers["Authorization"] = "Bearer reader"
        release = client.get(f"{urls['api_url']}/repos/octo/tool/releases/latest").json()
        assert release["created_at"] == "2024-02-03T04:05:06Z"
        tool, old = release["assets"]
        assert (tool["name"], tool["size"], old["digest"]) == ("tool", 4000, None)
        binary = {"Accept": "application/octet-stream"}
        location = client.get(tool["url"], headers=binary, allow_redirects=False).headers["Location"]
        assert requests.get(location, verify=urls["ca_path"]).content == b"tool" * 1000
        assert client.get(f"{urls['api_url']}/repos/octo/old").json()["full_name"] == "octo/new"
        assert client.get(f"{urls['api_url']}/repos/octo/tool/attestations/sha256:00").status_code == 200

    def test_changes_while_it_runs(self, urls: dict[str, str], client: requests.Session) -> None:
        control = urls["control_url"]
        latest = f"{urls['api_url']}/repos/octo/new/releases/latest"

        def request(method: str, path: str, body: Any = None) -> Any:
            response = client.request(method, control + path, json=body)
            response.raise_for_status()
            return response.json()

        release = {"tag": "v2", "assets": [{"name": "tool", "text": "2"}]}
        request("POST", "/state", {"repositories": [{"name": "octo/new", "releases": [release]}]})
        assert client.get(latest).json()["tag_name"] == "v2"
        request("POST", "/faults", {"role": "api", "fault": "Status", "status": 503, "times": 1})
        assert [client.get(latest).status_code for _ in range(2)] == [503, 200]
        request("POST", "/faults", {"role": "api", "fault": "Status", "status": 500})
        request("DELETE", "/faults?role=api")
        assert client.get(latest).status_code == 200
        request("POST", "/clock", {"advance": 7200})
        assert client.get(latest).headers["x-ratelimit-remaining"] == "59"
        log = request("GET", "/requests?role=api")
        assert [one["status"] for one in log] == [200, 503, 200, 200, 200]
        request("DELETE", "/requests")
        assert request("GET", "/requests") == []

    @pytest.mark.parametrize(
        ("path", "body", "reason"),
        [
            ("/faults", {"role": "api", "fault": "Fire"}, "no fault 'Fire'; there are Refused, Reset"),
            ("/faults", {"role": "api", "fault": "Reset", "after": 1}, "fault Reset has no 'after'"),
            ("/state", {"repos": []}, "the state has no 'repos'"),
            ("/nonsense", {}, "no POST /nonsense"),
        ],
    )
    def test_says_what_is_wrong(
        self, urls: dict[str, str], client: requests.Session, path: str, body: Any, reason: str
    ) -> None:
        response = client.post(urls["control_url"] + path, json=body)
        assert response.status_code == 400
        assert reason in response.json()["error"]

    def test_sigterm_ends_it_with_the_log_written(
        self, process: subprocess.Popen[str], urls: dict[str, str], client: requests.Session
    ) -> None:
        client.get(f"{urls['api_url']}/repos/octo/new", headers={"Authorization": "Bearer secret"})
        client.get(f"{urls['api_url']}/repos/octo/new")
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
        records = [json.loads(line) for line in Path(urls["log_path"]).read_text().splitlines()]
        assert records[0]["headers"]["authorization"] == "Bearer secret"
        assert records[0]["status"] == 401


def test_a_wrong_state_file_is_one_line(folder: Path) -> None:
    (folder / "state.toml").write_text('[[repositories]]\nname = "octo/tool"\npublic = true\n')
    done = subprocess.run(command(folder), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("githubd: ValueError: a repository has no 'public'; it has name, private")
    assert done.stderr.count("\n") == 1


def test_a_second_state_changes_the_first(folder: Path) -> None:
    server = Server(GitHub())
    state_file.apply(server, state_file.load(str(folder / "state.toml")), str(folder))
    asset = {"name": "old", "text": "new"}
    release = {"tag": "v1", "prerelease": True, "assets": [asset]}
    state_file.apply(server, {"repositories": [{"name": "octo/tool", "releases": [release]}]}, str(folder))
    repository = server.github.find("octo/tool")
    assert repository is not None
    (release_now,) = repository.releases
    assert release_now.prerelease
    assert repository.private
    assert [(one.name, one.size) for one in release_now.assets] == [("tool", 4000), ("old", 3)]
    server.close()


def test_a_fault_by_name() -> None:
    assert isinstance(faults.named("Stall", {"after_bytes": 3}), faults.Stall)

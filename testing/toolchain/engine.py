"""A Docker Engine: the running one, or else our own from Debian's `docker.io`, private to this checkout.

Our own has no bridge and touches no firewall, so every container needs `--network host`. Its images stay in
`.cache/toolchain/docker`; its socket, process files and mounts are under /run, whose paths are short enough for
a unix socket and which is empty after a reboot.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from testing.toolchain.store import CACHE, CHECKOUT, LOG, ToolchainError, apt_install, locked

DATA = CACHE / "docker"
RUN = Path("/run") / f"github-assets-cnb-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]}"
SOCKET = RUN / "docker.sock"
_TEMPORARY = "temporary"
_DEFAULT = "unix:///var/run/docker.sock"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_START_SECONDS = 60
_STOP_SECONDS = 30


class EngineUnavailableError(ToolchainError):
    """No Docker Engine answers and none can be started here: why, and what would help."""


class Engine(NamedTuple):
    """A Docker Engine that answered: the value of DOCKER_HOST that reaches it."""

    host: str

    @property
    def own(self) -> bool:
        """Whether this is the checkout's own engine, which nobody else uses."""
        return self.host == f"unix://{SOCKET}"

    def docker(
        self, *arguments: str | Path, check: bool = True, data: bytes | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the docker command; standard output and error are merged in `stdout`.

        Raises ToolchainError when it fails, unless *check* is false.
        """
        done = subprocess.run(
            ["docker", *arguments],
            env={**os.environ, "DOCKER_HOST": self.host},
            input=data or b"",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output = done.stdout.decode(errors="replace")
        if check and done.returncode:
            command = " ".join(str(word) for word in arguments[:3])
            raise ToolchainError(f"`docker {command} …` failed", "its output is above", output)
        return subprocess.CompletedProcess(done.args, done.returncode, output, "")


def find() -> Engine | None:
    """Return the engine that answers: DOCKER_HOST's, this checkout's own, the machine's; None if none does."""
    if shutil.which("docker"):
        for host in (os.environ.get("DOCKER_HOST", ""), f"unix://{SOCKET}", _DEFAULT):
            if host and _answers(host):
                return Engine(host)
    return None


def start() -> Engine:
    """Return the engine that answers, else install what is missing and start our own.

    Raises EngineUnavailableError where no engine can be had.
    """
    if found := find():
        return found
    with locked("docker"):
        if found := find():
            return found
        install()
        if found := find():  # installing starts it where an init system runs
            return found
        if os.geteuid():
            raise EngineUnavailableError("no Docker Engine answers", "start one, or run this as root")
        return start_own()


def install() -> None:
    """Install the Docker Engine that is missing; where one answers, none is.

    Raises EngineUnavailableError where that is impossible.
    """
    if not (shutil.which("dockerd", path=_SYSTEM_PATH) and shutil.which("docker")) and not find():
        try:
            apt_install("docker.io")
        except ToolchainError as error:
            raise EngineUnavailableError(error.what, error.advice, error.output) from error


def stop(*, purge: bool = False) -> None:
    """End this checkout's own engine and all that it started; *purge* also removes its images.

    An engine that we did not start is left alone. Nothing running is fine.
    """
    with locked("docker"):
        _stop_own()
        if purge and DATA.exists():
            shutil.rmtree(DATA)


@contextlib.contextmanager
def running() -> Iterator[Engine]:
    """Give an engine for the length of a block; one that had to be started is stopped by whoever leaves it last.

    Raises EngineUnavailableError where no engine can be had.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "docker.users").open("ab") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        found = find()
        engine = found or start()
        if engine.own and not found:
            (RUN / _TEMPORARY).touch()
        try:
            yield engine
        finally:
            with contextlib.suppress(BlockingIOError):  # somebody else's
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if (RUN / _TEMPORARY).exists():
                    stop()


@contextlib.contextmanager
def hub_mirror(address: str) -> Iterator[None]:
    """Have our own engine look for images of docker.io in a registry on loopback first, for the length of a block.

    Raises EngineUnavailableError where it does not take that up.
    """
    _set_mirrors([f"http://{address}/"])
    try:
        yield
    finally:
        _set_mirrors([])


def _set_mirrors(wanted: list[str]) -> None:
    config = RUN / "daemon.json"
    # An empty list too: what is not there at all, dockerd leaves as it is.
    config.write_text(json.dumps({**json.loads(config.read_text()), "registry-mirrors": wanted}))
    _signal([pid for pid, words in own_processes() if words[0].endswith("dockerd")], signal.SIGHUP)
    deadline = time.monotonic() + _START_SECONDS
    asked = ("info", "--format", "{{json .RegistryConfig.Mirrors}}")
    while (json.loads(Engine(f"unix://{SOCKET}").docker(*asked).stdout) or []) != wanted:
        if time.monotonic() > deadline:
            raise EngineUnavailableError("dockerd does not reload its configuration", "its log has the reason")
        time.sleep(0.1)


def _answers(host: str) -> bool:
    if host.startswith("unix://") and not Path(host.removeprefix("unix://")).is_socket():
        return False
    try:
        asked = subprocess.run(
            ["docker", "--host", host, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            timeout=20,
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def start_own() -> Engine:
    """Start this checkout's own engine, after ending what a killed run of it may have left.

    Raises EngineUnavailableError where the daemon or its containers do not run.
    """
    _stop_own()
    try:
        RUN.mkdir(mode=0o700)
        DATA.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailableError(
            f"{error.filename} cannot be made ({error.strerror})", "make it writable"
        ) from error
    config = RUN / "daemon.json"  # instead of the machine's own, which may contradict
    options = {
        "hosts": [f"unix://{SOCKET}"],
        "data-root": str(DATA),
        "exec-root": str(RUN / "exec"),
        "pidfile": str(RUN / "docker.pid"),
        "bridge": "none",
        "iptables": False,
        "ip-masq": False,
    }
    config.write_text(json.dumps(options))
    begin = time.monotonic()
    log = RUN / "dockerd.log"
    path = f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}"
    daemon = os.posix_spawn(  # not Popen: the daemon outlives its starter
        shutil.which("dockerd", path=path) or "dockerd",
        ["dockerd", "--config-file", str(config)],
        {**os.environ, "PATH": path},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    engine = Engine(f"unix://{SOCKET}")
    while not _answers(engine.host):
        ended = os.waitpid(daemon, os.WNOHANG)[0] == daemon
        if ended or time.monotonic() > begin + _START_SECONDS:
            what = "dockerd ended at once" if ended else f"dockerd did not answer within {_START_SECONDS} s"
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            _stop_own()
            raise EngineUnavailableError(what, "this machine may not allow containers; the log is above", tail)
        time.sleep(0.1)
    if reason := _cannot_run(engine):
        _stop_own()
        raise EngineUnavailableError("dockerd runs, containers do not", "this machine may not allow them", reason)
    engine.docker("system", "prune", "--force", "--volumes")  # containers and caches of runs that are over
    LOG.info("docker: engine started in %.1f s", time.monotonic() - begin)
    return engine


def _cannot_run(engine: Engine) -> str:
    """Return why the engine cannot run containers, or an empty string: a daemon can start where containers cannot.

    The trial image is empty, so that the one thing missing is the program: docker's exit status 127.
    """
    imported = engine.docker("import", "-", check=False, data=bytes(1024))
    if imported.returncode:
        return imported.stdout
    image = imported.stdout.strip()
    trial = engine.docker("run", "--rm", "--pull=never", "--network=host", image, "/none", check=False)
    return "" if trial.returncode == 127 else trial.stdout


def _stop_own() -> None:
    """Ask our daemon to end; end whatever of ours is still there then; unmount and remove its runtime files."""
    daemons = [pid for pid, words in own_processes() if words[0].endswith("dockerd")]
    _signal(daemons, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline and any(pid in daemons for pid, _ in own_processes()):
        time.sleep(0.05)
    while left := [pid for pid, _ in own_processes()]:
        _signal([*left, *_children(left)], signal.SIGKILL)  # a shim's child is a container's first process
        time.sleep(0.05)
    for point in reversed(_mounts_below(RUN, DATA)):
        subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)
    shutil.rmtree(RUN, ignore_errors=True)


def own_processes() -> list[tuple[int, list[str]]]:
    """Return dockerd, containerd and the shims whose command line names our directory, by process id."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue  # it has just ended
            program = os.path.basename(words[0])
            if program.startswith(("dockerd", "containerd")) and any(f"{RUN}/" in word for word in words):
                found.append((int(entry.name), words))
    return found


def _children(parents: list[int]) -> list[int]:
    found = []
    for pid in parents:
        with contextlib.suppress(OSError):
            found += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _mounts_below(*folders: Path) -> list[str]:
    """Return the mount points at or under these directories, outer ones first."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4].encode().decode("unicode_escape") for line in lines]
    return [point for point in points if any(Path(point).is_relative_to(folder) for folder in folders)]

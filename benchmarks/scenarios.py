"""What is measured: the points of the speed target, each a table of contenders and a ratio."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import peers
from benchmarks.measure import Contender, Series, in_turns, once
from benchmarks.peers import Asset, Peer
from benchmarks.stage import Stage, publish, running
from examples.seed_case import authority
from testing.githubd import GitHub, Server, faults
from testing.toolchain import engine, golang, images, pack
from testing.toolchain.images import Member

CHECKOUT = Path(__file__).parents[1]
BUILDPACK = CHECKOUT / "dist" / "linux-amd64"
OURS = "github-assets"
COLD = "One asset of 50 MB, cold"
SLOW = "One asset of 50 MB, cold, at 10 MB/s per connection"
REBUILD = "rebuild without a lock file"
LOCKED = "rebuild with a lock file"
NOTHING = "a buildpack that does nothing"
COPY = "a buildpack that copies"
MB = 1_000_000
REPOSITORY = "tool-owner/tool"


class Result(NamedTuple):
    """One point: what was measured, and the figure that it comes to."""

    point: str
    title: str
    series: Mapping[str, Series]
    figure: float | None = None
    """None where it was not measured; `note` says why."""
    unit: str = "×"
    target: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is no target or no figure."""
        if self.figure is None or self.target is None:
            return None
        return self.figure >= self.target if self.at_least else self.figure <= self.target


class Bench(NamedTuple):
    """What all scenarios share."""

    tools: Mapping[str, tuple[Peer, Path]]
    missing: Mapping[str, str]
    rounds: int
    quick: bool


def build(stage: Stage, settings: Mapping[str, str], product: tuple[str, int] | None = None) -> Contender:
    """Return bin/build of the package with these settings."""
    return Contender(
        [BUILDPACK / "bin" / "build", "layers", "platform", "plan.toml"],
        {
            "PATH": os.environ["PATH"],
            "CNB_TARGET_OS": "linux",
            "CNB_TARGET_ARCH": "amd64",
            "SSL_CERT_FILE": str(stage.ca),
            "BP_GITHUB_ASSETS_TIMEOUT": "600",
            **settings,
        },
        _furnish,
        product,
    )


def one_asset(bench: Bench) -> Iterator[Result]:
    """Points 1 and 2: an asset of 50 MB, cold and unchanged."""
    with _published(50 * MB) as (stage, asset, folder):
        settings = _settings(asset)
        cold = build(stage, settings, (f"layers/github-assets/bin/{asset.name}", asset.size))
        rebuild, locked = _rebuilds(cold, folder)
        contenders = {OURS: cold, **_peers(bench, asset, stage, folder, bench.tools)}
        contenders |= {REBUILD: rebuild, LOCKED: locked}
        series = in_turns(contenders, folder, bench.rounds)
        series |= {name: Series(failure=why) for name, why in bench.missing.items()}
        tools = {name: one for name, one in series.items() if name not in (REBUILD, LOCKED)}
        yield Result("1", COLD, tools, _ratio(series, OURS, "curl"), target=1.0)
        for name, target in ((LOCKED, 0.25), (REBUILD, 0.4)):
            requests = _requests(stage, contenders[name], folder)
            yield Result(
                "2",
                f"Unchanged {name}, beside curl's download",
                {name: series[name], "curl": series["curl"]},
                _ratio(series, name, "curl"),
                target=target,
                note=f"API requests: {requests}",
            )


def start_up(bench: Bench) -> Iterator[Result]:
    """Points 1 and 2, their floor: the bundled interpreter, and what it imports to speak HTTP."""
    with tempfile.TemporaryDirectory() as name:
        python = BUILDPACK / "runtime" / "bin" / "python3"
        codes = ("pass", "import ssl", "import http.client, ssl")
        prologue = f"import sys; sys.path.insert(0, '{BUILDPACK}/runtime'); import main; main.install()\n"
        contenders = {}
        for number, code in enumerate(codes):
            script = Path(name) / f"{number}.py"
            script.write_text(prologue + code)
            contenders[code] = Contender([python, script], {"PATH": os.environ["PATH"]})
        series = in_turns(contenders, Path(name), bench.rounds * 2)
        seconds = series[codes[-1]].seconds
    yield Result("1, 2", "The floor: the bundled interpreter's start, with imports", series, seconds, unit="s")


def slow_connections(bench: Bench) -> Iterator[Result]:
    """Point 3: the same at 10 MB/s per connection, and ten times as much beside aria2c."""
    with _published(50 * MB, bytes_per_second=10 * MB) as (stage, asset, folder):
        ours = build(stage, _settings(asset), (f"layers/github-assets/bin/{asset.name}", asset.size))
        contenders = {OURS: ours, **_peers(bench, asset, stage, folder, bench.tools)}
        series = in_turns(contenders, folder, 5) | {name: Series(failure=why) for name, why in bench.missing.items()}
        yield Result("3", SLOW, series, _ratio(series, OURS, "aria2c"), target=1.15, note="beside aria2c -x16")
    if not bench.quick:
        with _published(500 * MB, bytes_per_second=10 * MB) as (stage, asset, folder):
            ours = build(stage, _settings(asset), (f"layers/github-assets/bin/{asset.name}", asset.size))
            aria2c = {name: tool for name, tool in bench.tools.items() if name == "aria2c"}
            series = in_turns({OURS: ours, **_peers(bench, asset, stage, folder, aria2c)}, folder, 3)
            title = SLOW.replace("50", "500")
            yield Result("3", title, series, _ratio(series, OURS, "aria2c"), target=1.15, note="beside aria2c -x16")


def many_assets(bench: Bench) -> Iterator[Result]:
    """Point 3: 20 assets of 5 MB, 50 ms to the first byte, 5 MB/s per connection."""
    count, size = 20, 5 * MB
    with _stage(bytes_per_second=5 * MB, first_byte_ms=50) as (stage, folder):
        files = [_random_file(folder / f"tool{number}-linux-amd64", size, number) for number in range(count)]
        publish(stage, folder, REPOSITORY, ["v1.0.0"], files)
        assets = [Asset(REPOSITORY, "v1.0.0", file.name, size) for file in files]
        specs = ",".join(f"{asset.repository}@{asset.tag}:{asset.name}>{asset.name}" for asset in assets)
        ours = build(stage, {"BP_GITHUB_ASSETS": specs}, (f"layers/github-assets/bin/{assets[-1].name}", size))
        curl: list[str | Path] = ["curl", "-sSfL", "--cacert", stage.ca]
        curl += itertools.chain.from_iterable(("-o", asset.name, asset.url) for asset in assets)
        plain = Contender(curl, {"PATH": os.environ["PATH"]}, product=(assets[-1].name, size))
        asked = _requests(stage, ours, folder)
        series = in_turns({OURS: ours, "curl": plain}, folder, max(3, bench.rounds // 5))
        yield Result(
            "3",
            "20 assets of 5 MB, 50 ms latency, 5 MB/s per connection; curl one after the other",
            series,
            _ratio(series, "curl", OURS),
            target=14,
            at_least=True,
            note=f"{asked} API request",
        )


def bad_day(bench: Bench) -> Iterator[Result]:
    """1 GB at 1 MB/s per connection, cut and its URL expired every 30 MB, bursts of 502, a wrong range."""
    size = (100 if bench.quick else 1000) * MB
    with _published(size, bytes_per_second=MB, first_byte_ms=1) as (stage, asset, folder):
        ours = build(stage, _settings(asset), (f"layers/github-assets/bin/{asset.name}", asset.size))
        day = faults.BadDay(30 * MB, bad_gateways=4)
        stage.server.fail("store", day)
        series = in_turns({OURS: ours}, folder, rounds=1, warm_up=False)
        sent = sum(record.sent for record in stage.server.requests("store") if record.status in (200, 206))
    note = ", ".join(f"{count} × {what}" for what, count in day.seen.items())
    title = f"{size // MB} MB from a CDN on a bad day: bytes that were fetched twice"
    yield Result("–", title, series, 100 * (sent / size - 1), unit="%", target=1, note=note)


def detect(bench: Bench) -> Iterator[Result]:
    """Point 2: bin/detect, against the interpreter's own start."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"PATH": os.environ["PATH"], "REPO": REPOSITORY, "FILE": "tool-linux-amd64", "VERSION": "v1.0.0"}
        contenders = {
            "detect": Contender([BUILDPACK / "bin" / "detect", "platform", "plan.toml"], environment),
            "python3": Contender([BUILDPACK / "runtime" / "bin" / "python3", os.devnull], environment),
        }
        series = in_turns(contenders, folder, bench.rounds * 4)
        yield Result(
            "2", "bin/detect, beside the interpreter's start", series, _ratio(series, "detect", "python3"), target=1.2
        )


def memory(bench: Bench) -> Iterator[Result]:
    """Point 3: peak memory for a large asset, raw and as tar.zst, and for 20 at once."""
    size = (100 if bench.quick else 500) * MB
    with _published(size) as (stage, asset, folder):
        archive = folder / "tool.tar.zst"
        _shell(f"tar --sort=name -C {folder} -cf - {asset.name} | zstd -q -3 -o {archive}")
        publish(stage, folder, "tool-owner/archive", ["v1.0.0"], [archive])
        parts = [_random_file(folder / f"part{number}-linux-amd64", size // 20, number) for number in range(20)]
        publish(stage, folder, "tool-owner/parts", ["v1.0.0"], parts)
        specs = ",".join(f"tool-owner/parts@v1.0.0:{part.name}>{part.name}" for part in parts)
        series = in_turns(
            {
                "raw": build(stage, _settings(asset)),
                "tar.zst": build(stage, {"REPO": "tool-owner/archive", "FILE": archive.name, "VERSION": "v1.0.0"}),
                "20 at once": build(stage, {"BP_GITHUB_ASSETS": specs}),
            },
            folder,
            2,
        )
    worst = max((one.megabytes for one in series.values() if one.samples), default=None)
    yield Result("3", f"Peak memory, {size // MB} MB", series, worst, unit="MB", target=60)


def package_size(bench: Bench) -> Iterator[Result]:
    """Point 5: the larger package, and its unpacking."""
    packages = sorted((CHECKOUT / "dist").glob("*.cnb"), key=lambda file: file.stat().st_size)
    note = "" if packages else "dist/ holds no .cnb file: `make package`"
    size = packages[-1].stat().st_size / MB if packages else None
    yield Result("5", "Package", {}, size, unit="MB", target=9.5, note=note)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        layer = folder / "layer.tar.gz"
        _shell(f"tar -C {BUILDPACK} -czf {layer} .")
        unpack = Contender(["tar", "-xzf", layer], {"PATH": os.environ["PATH"]})
        series = in_turns({"tar": unpack}, folder, bench.rounds)
    yield Result("5", "Unpacking it, as a builder does", series, series["tar"].seconds, unit="s")


def in_pack(bench: Bench) -> Iterator[Result]:
    """Point 4: what an asset of 12 MB adds to `pack build`, to that of a buildpack that does nothing."""
    state = GitHub()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        file = _random_file(folder / "tool-linux-amd64", 12 * MB, 1)
        state.repository(REPOSITORY).release("v1.0.0").asset(file.name, str(file))
        server = stack.enter_context(Server(state))
        binding = authority(server, folder / "ca")
        try:
            docker = stack.enter_context(engine.running())
        except engine.EngineUnavailableError as error:
            yield Result("4", "In `pack build`", {}, None, unit="s", note=str(error))
            return
        settings = _settings(Asset(REPOSITORY, "v1.0.0", file.name, 12 * MB)) | {"GITHUB_API_URL": server.api_url}
        contenders = {}
        for whose, buildpack in ((NOTHING, images.NOOP), (COPY, _copying(folder, file)), (OURS, BUILDPACK)):
            name = buildpack.name.replace(" ", "-")
            builder = images.builder(docker, f"bench-{name}", images.base_image(docker), [[Member(buildpack)]])
            image = f"{images.REPOSITORY}/bench:{name}"
            stack.callback(docker.docker, "rmi", "--force", image, check=False)
            options = pack.build_options(
                Path("app"), builder=builder, env=settings, volumes={binding: "/platform/bindings/ca"}
            )
            environment = {"PATH": os.environ["PATH"], **pack.pack_environment(docker)}
            again = Contender([golang.pack(), "build", image, *options], environment, _application)

            def forget(work: Path, image: str = image) -> None:
                _application(work)
                docker.docker("rmi", "--force", image, check=False)

            contenders[f"{whose}, cold"] = again._replace(command=[*again.command, "--clear-cache"], prepare=forget)
            contenders[f"{whose}, again"] = again
        series = in_turns(contenders, folder, max(5, bench.rounds // 2))
    for when, target in (("cold", 0.15), ("again", 0.06)):
        measured = {whose: series[f"{whose}, {when}"] for whose in (OURS, COPY, NOTHING)}
        note = (
            f"the same layer by cp adds {_difference(measured, COPY, NOTHING):.2f} s to a buildpack that does nothing"
        )
        title = f"What 12 MB add to `pack build`, {when}, beyond a buildpack that copies them"
        yield Result("4", title, measured, _difference(measured, OURS, COPY), "s", target, note=note)


def _copying(folder: Path, file: Path) -> Path:
    """Return a buildpack that has the file in it and makes such a layer of it as ours, by cp: the lifecycle's share."""
    root = folder / "copying"
    (root / "bin").mkdir(parents=True)
    shutil.copy(file, root)
    (root / "buildpack.toml").write_text(
        'api = "0.10"\n[buildpack]\nid = "bench/copying"\nversion = "1.0.0"\n'
        'sbom-formats = ["application/vnd.cyclonedx+json"]\n[[targets]]\nos = "linux"\n'
    )
    scripts = {
        "detect": "exit 0",
        "build": f"""
            if [ ! -e "$1/tool.toml" ]; then
                mkdir -p "$1/tool/bin"
                cp "$CNB_BUILDPACK_DIR/{file.name}" "$1/tool/bin/"
            fi
            printf '[types]\nlaunch = true\n[metadata]\nversion = "1"\n' >"$1/tool.toml"
            printf '{{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1}}' >"$1/tool.sbom.cdx.json"
            printf '[[processes]]\ntype = "tool"\ncommand = ["/bin/true"]\n' >"$1/launch.toml"
        """,
    }
    for name, script in scripts.items():
        (root / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (root / "bin" / name).chmod(0o755)
    return root


def unpacking(bench: Bench) -> Iterator[Result]:
    """Unpack archives of 300 MB, against curl and then the system's tar or unzip."""
    size = (60 if bench.quick else 300) * MB
    with _stage() as (stage, folder):
        tree = folder / "tree"
        tree.mkdir()
        for number in range(30):
            # Half noise, half repetition: what programs are like to a compressor.
            noise = random.Random(number).randbytes(size // 60)
            (tree / f"file{number}").write_bytes(noise + noise[:1000] * (len(noise) // 1000))
        pack = {
            "tar.gz": "tar -C {0} -czf {1} tree",
            "tar.xz": "tar -C {0} -cf - tree | xz -1 -T2 > {1}",
            "tar.zst": "tar -C {0} -cf - tree | zstd -q > {1}",
            "zip": "cd {0} && zip -q -r {1} tree",
        }
        files = [folder / f"tool.{ending}" for ending in pack]
        for file, command in zip(files, pack.values(), strict=True):
            _shell(command.format(folder, file))
        publish(stage, folder, REPOSITORY, ["v1.0.0"], files)
        toml = '[[assets]]\nrepo = "{}"\nversion = "v1.0.0"\nfile = "{}"\nextract = "all"\n'
        for file, ending in zip(files, pack, strict=True):
            asset = Asset(REPOSITORY, "v1.0.0", file.name, file.stat().st_size)
            unpack = "unzip -q out" if ending == "zip" else "tar -xf out"
            script = f"curl -sSfL --cacert {stage.ca} -o out {asset.url} && {unpack} && rm out"

            def furnish(work: Path, content: str = toml.format(REPOSITORY, file.name)) -> None:
                _furnish(work)
                (work / "github-assets.toml").write_text(content)

            plain = Contender(["sh", "-c", script], {"PATH": os.environ["PATH"]})
            series = in_turns({OURS: build(stage, {})._replace(prepare=furnish), "curl, then unpack": plain}, folder, 3)
            figure = _ratio(series, OURS, "curl, then unpack")
            yield Result("–", f"Unpacking {size // MB} MB of {ending}", series, figure, target=1.3)


def growth(bench: Bench) -> Iterator[Result]:
    """Point 6: more assets, larger assets, more releases."""
    with _stage() as (stage, folder):
        yield _growth("assets of 100 KB", {count: _assets(stage, folder, count) for count in (1, 10, 50, 200)}, folder)
        sizes = (1, 10, 100) if bench.quick else (1, 10, 100, 500, 1000, 2000, 5000)
        ours = {size: _megabytes(stage, folder, size) for size in sizes}
        result = _growth("MB, one asset", ours, folder)
        peer, program = bench.tools["curl"]
        curl = {size: peers.contender(peer, program, _asset_of(size), stage.ca, folder) for size in sizes}
        yield result._replace(note=f"curl's worst step, with the same disk: {_growth('', curl, folder).figure:.2f}")
        counts = (10, 100, 1000, 3000)
        yield _growth("releases", {count: _releases(stage, folder, count) for count in counts}, folder)


def _assets(stage: Stage, folder: Path, count: int) -> Contender:
    names = [f"n{count}-{number}-linux-amd64" for number in range(count)]
    files = [_random_file(folder / name, 100_000, number) for number, name in enumerate(names)]
    publish(stage, folder, f"growth/assets{count}", ["v1.0.0"], files)
    return build(stage, {"BP_GITHUB_ASSETS": ",".join(f"growth/assets{count}@v1.0.0:{name}>{name}" for name in names)})


def _megabytes(stage: Stage, folder: Path, size: int) -> Contender:
    file = _random_file(folder / f"size{size}-linux-amd64", size * MB, size)
    asset = _asset_of(size)
    publish(stage, folder, asset.repository, [asset.tag], [file])
    return build(stage, _settings(asset))


def _asset_of(size: int) -> Asset:
    return Asset(f"growth/size{size}", "v1.0.0", f"size{size}-linux-amd64", size * MB)


def _releases(stage: Stage, folder: Path, count: int) -> Contender:
    file = _random_file(folder / f"releases{count}-linux-amd64", 1000, count)
    publish(stage, folder, f"growth/releases{count}", [f"v1.{number}.0" for number in range(count)], [file])
    return build(stage, {"REPO": f"growth/releases{count}", "FILE": file.name, "VERSION": "1.0.x"})


SCENARIOS: tuple[Callable[[Bench], Iterator[Result]], ...] = (
    one_asset,
    start_up,
    slow_connections,
    many_assets,
    bad_day,
    detect,
    memory,
    package_size,
    in_pack,
    unpacking,
    growth,
)


def _growth(axis: str, steps: Mapping[int, Contender], folder: Path) -> Result:
    """Return the series by their step, and how the worst step compares with one that is linear."""
    series = in_turns({str(size): contender for size, contender in steps.items()}, folder, 3)
    pairs = itertools.pairwise((size, series[str(size)]) for size in steps)
    worst = max(
        (more.seconds / less.seconds) / (large / small) if less.samples and more.samples else math.inf
        for (small, less), (large, more) in pairs
    )
    return Result("6", f"Growth: {axis}", series, worst, unit="× linear", target=1.0)


def _ratio(series: Mapping[str, Series], of: str, to: str) -> float | None:
    has_both = all(name in series and series[name].samples for name in (of, to))
    return series[of].seconds / series[to].seconds if has_both else None


def _peers(
    bench: Bench, asset: Asset, stage: Stage, folder: Path, tools: Mapping[str, tuple[Peer, Path]]
) -> dict[str, Contender]:
    return {name: peers.contender(peer, program, asset, stage.ca, folder) for name, (peer, program) in tools.items()}


def _settings(asset: Asset) -> dict[str, str]:
    return {"REPO": asset.repository, "FILE": asset.name, "VERSION": asset.tag}


def _furnish(work: Path) -> None:
    for name in ("layers", "platform"):
        (work / name).mkdir()
    (work / "plan.toml").touch()


def _rebuilds(cold: Contender, folder: Path) -> tuple[Contender, Contender]:
    """Return the builds that find the metadata that the lifecycle restores: without and with a lock file."""
    kept, lock = folder / "restored.toml", _lock_file(folder, cold.environment)

    def prepare(work: Path) -> None:
        _furnish(work)
        if not kept.exists():
            subprocess.run(cold.command, cwd=work, env=cold.environment, check=True, stdout=subprocess.DEVNULL)
            (work / "layers" / "github-assets.toml").rename(kept)
            shutil.rmtree(work / "layers")
            (work / "layers").mkdir()
        shutil.copy(kept, work / "layers" / "github-assets.toml")

    def prepare_locked(work: Path) -> None:
        prepare(work)
        shutil.copy(lock, work)

    rebuild = cold._replace(prepare=prepare, product=None)
    return rebuild, rebuild._replace(prepare=prepare_locked)


def _lock_file(folder: Path, environment: Mapping[str, str]) -> Path:
    """Return the lock file for these settings."""
    application = folder / "locked"
    application.mkdir()
    subprocess.run(
        [sys.executable, "-m", "github_assets", "lock"],
        cwd=application,
        env={**environment, "PYTHONPATH": str(CHECKOUT / "lib")},
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return application / "github-assets.lock"


def _requests(stage: Stage, contender: Contender, folder: Path) -> int:
    """Return how many requests one run makes of the API."""
    before = stage.api_requests()
    once(contender, folder)
    return stage.api_requests() - before


def _application(work: Path) -> None:
    (work / "app").mkdir()
    (work / "app" / "hello.txt").write_text("hello\n")


def _difference(series: Mapping[str, Series], of: str, to: str) -> float:
    return series[of].seconds - series[to].seconds


@contextlib.contextmanager
def _stage(**shape: float) -> Iterator[tuple[Stage, Path]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running(folder, **shape) as stage:  # type: ignore[arg-type]
            yield stage, folder


@contextlib.contextmanager
def _published(size: int, **shape: float) -> Iterator[tuple[Stage, Asset, Path]]:
    with _stage(**shape) as (stage, folder):
        file = _random_file(folder / "tool-linux-amd64", size, 1)
        publish(stage, folder, REPOSITORY, ["v1.0.0"], [file])
        yield stage, Asset(REPOSITORY, "v1.0.0", file.name, size), folder


def _random_file(path: Path, size: int, seed: int) -> Path:
    """Write a script, as far as its first line tells, that nothing compresses."""
    source = random.Random(seed)
    with open(path, "wb") as file:
        file.write(b"#!/bin/sh\n")
        left = size - 10
        while left:
            left -= file.write(source.randbytes(min(left, MB)))
    return path


def _shell(command: str) -> None:
    subprocess.run(["sh", "-c", command], check=True)

"""What is measured: the points of the speed target, each a table of contenders and a ratio."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import peers
from benchmarks.measure import Contender, Series, in_turns
from benchmarks.peers import Asset, Peer
from benchmarks.stage import Stage, publish, running

CHECKOUT = Path(__file__).parents[1]
BUILDPACK = CHECKOUT / "dist" / "linux-amd64"
OURS = "github-assets"
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
    """Points 1 and 4: an asset of 50 MB, cold and unchanged."""
    with _published(50 * MB) as (stage, asset, folder):
        settings = _settings(asset)
        contenders = {OURS: build(stage, settings, (f"layers/github-assets/bin/{asset.name}", asset.size))}
        contenders |= _peers(bench, asset, stage, folder, bench.tools)
        contenders["rebuild"] = _rebuild(contenders[OURS], folder)
        before = stage.api_requests()
        series = in_turns(contenders, folder, bench.rounds)
        cold = {name: one for name, one in series.items() if name != "rebuild"}
        cold |= {name: Series(failure=why) for name, why in bench.missing.items()}
        yield Result("1", "One asset of 50 MB, cold", cold, _ratio(series, OURS, "curl"), target=1.0)
        rebuild = {name: series[name] for name in ("rebuild", "curl")}
        note = f"without a lock file; {stage.api_requests() - before} API requests by all tools in all rounds"
        yield Result("4", "Unchanged rebuild", rebuild, _ratio(series, "rebuild", "curl"), target=0.5, note=note)


def slow_connections(bench: Bench) -> Iterator[Result]:
    """Point 2: the same at 10 MB/s per connection."""
    with _published(50 * MB, bytes_per_second=10 * MB) as (stage, asset, folder):
        ours = build(stage, _settings(asset), (f"layers/github-assets/bin/{asset.name}", asset.size))
        parallel = {name: bench.tools[name] for name in ("curl", "aria2c") if name in bench.tools}
        contenders = {OURS: ours, **_peers(bench, asset, stage, folder, parallel)}
        series = in_turns(contenders, folder, max(3, bench.rounds // 3))
        title = "The same at 10 MB/s per connection"
        yield Result("2", title, series, _ratio(series, "curl", OURS), target=3.5, at_least=True)


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
        before = stage.api_requests()
        series = in_turns({OURS: ours}, folder, 1)
        asked = (stage.api_requests() - before) / 2
        series = in_turns({OURS: ours, "curl": plain}, folder, max(3, bench.rounds // 5))
        yield Result(
            "3",
            "20 assets of 5 MB, 50 ms latency, 5 MB/s per connection; curl one after the other",
            series,
            _ratio(series, "curl", OURS),
            target=8,
            at_least=True,
            note=f"{asked:.0f} API request per build",
        )


def detect(bench: Bench) -> Iterator[Result]:
    """Point 5: bin/detect, against the interpreter's own start."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"PATH": os.environ["PATH"], "REPO": REPOSITORY, "FILE": "tool-linux-amd64", "VERSION": "v1.0.0"}
        contenders = {
            "detect": Contender([BUILDPACK / "bin" / "detect", "platform", "plan.toml"], environment),
            "python3 -c pass": Contender([BUILDPACK / "runtime" / "bin" / "python3", "-c", "pass"], environment),
        }
        series = in_turns(contenders, folder, bench.rounds * 4)
        yield Result("5", "bin/detect", series, _ratio(series, "detect", "python3 -c pass"), target=2)


def memory(bench: Bench) -> Iterator[Result]:
    """Point 6: peak memory for a large asset, raw and as tar.zst, and for 20 at once."""
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
    yield Result("6", f"Peak memory, {size // MB} MB", series, worst, unit="MB", target=60)


def package_size(bench: Bench) -> Iterator[Result]:
    """Point 7: the larger package."""
    sizes = [file.stat().st_size / MB for file in (CHECKOUT / "dist").glob("*.cnb")]
    note = "" if sizes else "dist/ holds no .cnb file: `make package`"
    yield Result("7", "Package", {}, max(sizes, default=None), unit="MB", target=10, note=note)


def in_pack(bench: Bench) -> Iterator[Result]:
    """Point 8: what is added to `pack build`."""
    yield Result("8", "In `pack build`", {}, None, unit="s", note="no scenario measures it yet")


def unpacking(bench: Bench) -> Iterator[Result]:
    """Point 9: archives of 300 MB, against curl and then the system's tar or unzip."""
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
            yield Result("9", f"Unpacking {size // MB} MB of {ending}", series, figure, target=1.3)


def growth(bench: Bench) -> Iterator[Result]:
    """Point 10: more assets, larger assets, more releases."""
    rounds = 3
    with _stage() as (stage, folder):
        for count in (1, 10, 50, 200):
            files = [
                _random_file(folder / f"n{count}-{number}-linux-amd64", 100_000, number) for number in range(count)
            ]
            publish(stage, folder, f"growth/assets{count}", ["v1.0.0"], files)
            specs = ",".join(f"growth/assets{count}@v1.0.0:{file.name}>{file.name}" for file in files)
            yield _step("assets", count, in_turns({OURS: build(stage, {"BP_GITHUB_ASSETS": specs})}, folder, rounds))
        for megabytes in (1, 10, 100) if bench.quick else (1, 10, 100, 1000, 2000):
            file = _random_file(folder / f"size{megabytes}-linux-amd64", megabytes * MB, megabytes)
            publish(stage, folder, f"growth/size{megabytes}", ["v1.0.0"], [file])
            asset = Asset(f"growth/size{megabytes}", "v1.0.0", file.name, megabytes * MB)
            yield _step("megabytes", megabytes, in_turns({OURS: build(stage, _settings(asset))}, folder, rounds))
            file.unlink()
        for count in (10, 100, 1000, 3000):
            file = _random_file(folder / "tool-linux-amd64", 1000, count)
            publish(stage, folder, f"growth/releases{count}", [f"v1.{number}.0" for number in range(count)], [file])
            settings = {"REPO": f"growth/releases{count}", "FILE": file.name, "VERSION": "1.0.x"}
            yield _step("releases", count, in_turns({OURS: build(stage, settings)}, folder, rounds))


SCENARIOS: tuple[Callable[[Bench], Iterator[Result]], ...] = (
    one_asset,
    slow_connections,
    many_assets,
    detect,
    memory,
    package_size,
    in_pack,
    unpacking,
    growth,
)


def _step(axis: str, value: int, series: Mapping[str, Series]) -> Result:
    one = series[OURS]
    return Result("10", f"{axis}: {value}", series, one.seconds if one.samples else None, unit="s", note=one.failure)


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


def _rebuild(cold: Contender, folder: Path) -> Contender:
    """Return the build that finds what the lifecycle restores of the one before: the layer's metadata."""
    kept = folder / "restored.toml"

    def prepare(work: Path) -> None:
        _furnish(work)
        if not kept.exists():
            subprocess.run(cold.command, cwd=work, env=cold.environment, check=True, stdout=subprocess.DEVNULL)
            (work / "layers" / "github-assets.toml").rename(kept)
            shutil.rmtree(work / "layers")
            (work / "layers").mkdir()
        shutil.copy(kept, work / "layers" / "github-assets.toml")

    return cold._replace(prepare=prepare, product=None)


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

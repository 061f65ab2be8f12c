"""The images for builds: two bases, the lifecycle image, and builders.

Every tag is the digest of what the image was made from, so an image that exists is the right one.
"""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from testing.toolchain import debian, golang, java, tar
from testing.toolchain.engine import Engine
from testing.toolchain.pack import run_pack
from testing.toolchain.store import CHECKOUT, ToolchainError, apt_install, digest, keep, locked, run

USER_ID, GROUP_ID = 1001, 1000
REPOSITORY = "github-assets-cnb"
NOOP = CHECKOUT / "tests" / "buildpacks" / "noop"
GO_BINARY = CHECKOUT / "tests" / "buildpacks" / "go-binary"
_JAVA = CHECKOUT / "tests" / "buildpacks" / "java"

# The newest Buildpack and Platform API, 0.N, that a lifecycle speaks (its api/apis.go); none warns of 0.7.
# And the names that its one program answers to.
_APIS = {"0.17": (10, 12), "0.20": (11, 14), "0.21": (12, 15)}
_PHASES = ("analyzer", "detector", "restorer", "builder", "exporter", "creator", "rebaser")

_PASSWD = f"cnb:x:{USER_ID}:{GROUP_ID}::/home/cnb:/bin/sh"
_GROUP = f"cnb:x:{GROUP_ID}:"
_PASSWD_FILE = f"root:x:0:0::/root:/bin/sh\n{_PASSWD}\n".encode()
_GROUP_FILE = f"root:x:0:\n{_GROUP}\n".encode()
_MMDEBSTRAP = (
    "mmdebstrap",
    "--quiet",
    "--variant=essential",
    "--include=ca-certificates",
    f'--customize-hook=echo "{_PASSWD}" >>"$1/etc/passwd"',
    f'--customize-hook=echo "{_GROUP}" >>"$1/etc/group"',
    f'--customize-hook=install -d -o {USER_ID} -g {GROUP_ID} "$1/home/cnb"',
    # The point of this base: nothing in it can fetch a file or run Python.
    '--customize-hook=! ls "$1"/usr/bin/ | grep -E "^(python|curl|wget)"',
    "bookworm",
)


class Member(NamedTuple):
    """A buildpack's directory and its place in an order group."""

    directory: Path
    optional: bool = False


class Lifecycle(NamedTuple):
    """Which lifecycle a builder has: a version in `golang.LIFECYCLES`, and what it runs on."""

    version: str = golang.LIFECYCLE_VERSION
    arch: str = "amd64"

    @property
    def buildpack_apis(self) -> list[str]:
        """The Buildpack APIs that it speaks."""
        return self._apis(0)

    @property
    def platform_apis(self) -> list[str]:
        """The Platform APIs that it speaks."""
        return self._apis(1)

    def _apis(self, which: int) -> list[str]:
        return [f"0.{number}" for number in range(7, _APIS[self.version.rpartition(".")[0]][which] + 1)]


LIFECYCLE = Lifecycle()
BUILDPACK_APIS, PLATFORM_APIS = LIFECYCLE.buildpack_apis, LIFECYCLE.platform_apis


def lifecycle_archive(lifecycle: Lifecycle = LIFECYCLE) -> Path:
    """Return lifecycle.tgz as `pack builder create` wants it; equal programs give equal bytes."""
    programs = golang.lifecycle(*lifecycle)

    def make(into: Path) -> None:
        with gzip.GzipFile(into / "lifecycle.tgz", "wb", compresslevel=1, mtime=0) as packed:
            tar.write(packed, _lifecycle_members(lifecycle, programs))

    name = "lifecycle-archive" if lifecycle == LIFECYCLE else f"lifecycle-archive-{'-'.join(lifecycle)}"
    return keep(name, [programs.name, Path(__file__)], make) / "lifecycle.tgz"


def _lifecycle_members(lifecycle: Lifecycle, programs: Path) -> Iterable[tar.Member]:
    descriptor = (
        f'[lifecycle]\nversion = "{lifecycle.version}"\n'
        f"[apis.buildpack]\ndeprecated = []\nsupported = {json.dumps(lifecycle.buildpack_apis)}\n"
        f"[apis.platform]\ndeprecated = []\nsupported = {json.dumps(lifecycle.platform_apis)}\n"
    )
    yield tar.file("lifecycle.toml", descriptor.encode())
    yield tar.folder("lifecycle")
    for name in ("lifecycle", "launcher"):
        yield tar.file(f"lifecycle/{name}", (programs / name).read_bytes(), 0o755)
    for name in _PHASES:
        yield tar.link(f"lifecycle/{name}", "lifecycle")


def base_root() -> Path:
    """Return the root file system of `base_image`, as an archive."""

    def make(into: Path) -> None:
        if not shutil.which("mmdebstrap"):
            apt_install("mmdebstrap")
        rootfs = into / "rootfs.tar"
        run([*_MMDEBSTRAP, rootfs], advice="are Debian's package mirrors reachable?")

    return keep("base", _MMDEBSTRAP, make) / "rootfs.tar"


def base_image(engine: Engine) -> str:
    """Return the name of a Debian run and build image with sh and CA certificates, but neither Python nor curl."""
    return _import(engine, "test-base", base_root(), _base_config("debian", "12"))


def musl_base_image(engine: Engine) -> str:
    """Return the name of a run and build image that holds a musl-linked sh, musl, CA certificates, nothing else."""

    def make(into: Path) -> None:
        shell, libc = (debian.unpacked(package) for package in ("mksh", "musl"))
        loader = next(libc.glob("lib/ld-musl-*.so.1"))
        _write_small_base(
            into / "rootfs.tar",
            next(shell.glob("usr/lib/*-linux-musl/bin/mksh")),
            tar.file(f"lib/{loader.name}", (loader.parent / loader.readlink()).read_bytes(), 0o755),
        )

    rootfs = keep("musl-base", [Path(__file__)], make) / "rootfs.tar"
    return _import(engine, "test-base-musl", rootfs, _base_config("musl", "1"))


def static_base_image(engine: Engine, shell: Path, arch: str) -> str:
    """Return the name of a run and build image for linux/*arch* that holds a static sh and CA certificates."""

    def make(into: Path) -> None:
        _write_small_base(into / "rootfs.tar", shell)

    rootfs = keep(f"static-base-{arch}", [shell, Path(__file__)], make) / "rootfs.tar"
    return _load(engine, f"test-base-{arch}", rootfs, _base_config("busybox", "1"), arch)


def _write_small_base(rootfs: Path, shell: Path, *more: tar.Member) -> None:
    certificates = sorted(debian.unpacked("ca-certificates").glob("usr/share/ca-certificates/mozilla/*.crt"))
    folders = ("bin", "dev", "etc", "etc/ssl", "etc/ssl/certs", "lib", "proc", "sys")
    trusted = b"".join(certificate.read_bytes() for certificate in certificates)
    with rootfs.open("wb") as file:
        tar.write(
            file,
            [
                *(tar.folder(name) for name in folders),
                tar.folder("tmp", 0o1777),
                tar.folder("home/cnb", 0o755, USER_ID, GROUP_ID),
                tar.file("bin/sh", shell.read_bytes(), 0o755),
                *more,
                tar.file("etc/passwd", _PASSWD_FILE),
                tar.file("etc/group", _GROUP_FILE),
                tar.file("etc/ssl/certs/ca-certificates.crt", trusted),
            ],
        )


def lifecycle_image(engine: Engine) -> str:
    """Return the name of the image that pack uses for the privileged phases of an untrusted builder.

    Without `--trust-builder` pack looks for exactly this name.
    """
    name = f"buildpacksio/lifecycle:{golang.LIFECYCLE_VERSION}"
    archive = lifecycle_archive()

    def make(into: Path) -> None:
        members = [*lifecycle_layer(archive), tar.folder("layers", 0o755, USER_ID, GROUP_ID), tar.folder("tmp", 0o1777)]
        members += [tar.file("etc/passwd", _PASSWD_FILE), tar.file("etc/group", _GROUP_FILE)]
        with (into / "rootfs.tar").open("wb") as file:
            tar.write(file, members)

    rootfs = keep("lifecycle-image", [archive.parent.name, Path(__file__)], make) / "rootfs.tar"
    config = [*(f"LABEL {name}='{value}'" for name, value in lifecycle_labels().items()), "WORKDIR /layers"]
    kept = _import(engine, "test-lifecycle", rootfs, config)
    engine.docker("tag", kept, name)
    return name


def lifecycle_layer(archive: Path) -> list[tar.Member]:
    """Return the content of `lifecycle_archive` as images have it, below /cnb."""
    members = [tar.folder("cnb")]
    with tarfile.open(archive) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.isfile() else None
            member.name = f"cnb/{member.name}"
            members.append((member, content.read() if content else b""))
    return members


def lifecycle_labels() -> dict[str, str]:
    """Return the labels of an image that holds the lifecycle, by which platforms know its version and APIs."""
    apis = {
        kind: {"deprecated": [], "supported": supported}
        for kind, supported in (("buildpack", BUILDPACK_APIS), ("platform", PLATFORM_APIS))
    }
    return {
        "io.buildpacks.lifecycle.version": golang.LIFECYCLE_VERSION,
        "io.buildpacks.lifecycle.apis": json.dumps(apis),
    }


def builder(
    engine: Engine,
    name: str,
    base: str,
    groups: Sequence[Sequence[Member]],
    lifecycle: Lifecycle = LIFECYCLE,
) -> str:
    """Return a builder's image name: *base*, which is for the lifecycle's platform, with that and an order of groups.

    The buildpacks are packed as they are now; a change gives a new image. In the checkout's own engine it replaces
    the older ones of this *name*.
    """
    archive = lifecycle_archive(lifecycle)
    descriptors = {member.directory: _buildpack(member.directory) for group in groups for member in group}
    lines = [
        f'[lifecycle]\nuri = "file://{archive}"',
        f'[build]\nimage = "{base}"',
        f'[[run.images]]\nimage = "{base}"',
    ]
    lines += [f'[[buildpacks]]\nuri = "file://{directory}"' for directory in descriptors]
    for group in groups:
        lines.append("[[order]]")
        for directory, optional in group:
            about = descriptors[directory]
            lines.append(f'[[order.group]]\nid = "{about["id"]}"\nversion = "{about["version"]}"')
            lines.append(f"optional = {json.dumps(optional)}")

    def make(tag: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "builder.toml"
            config.write_text("\n".join(lines))
            run_pack(engine, "builder", "create", tag, "--config", config, "--pull-policy", "never")

    return _keep_image(engine, name, [*lines, archive.parent.name, *descriptors], make)


def test_builder(engine: Engine) -> str:
    """Return the builder whose order does nothing, so that `-b` says what is built; on the Debian base."""
    return builder(engine, "test-builder", base_image(engine), [[Member(NOOP)]])


def go_builder(engine: Engine) -> str:
    """Return a builder whose order is the language-like buildpack; on the Debian base."""
    return builder(engine, "test-builder-go", base_image(engine), [[Member(GO_BINARY)]])


def musl_builder(engine: Engine) -> str:
    """Return the same builder on the musl base."""
    return builder(engine, "test-builder-musl", musl_base_image(engine), [[Member(NOOP)]])


def java_builder(engine: Engine) -> str:
    """Return a builder whose order is a buildpack that runs Spring Boot's archives; on the Debian base."""
    runtime = java.runtime()

    def make(into: Path) -> None:
        shutil.copytree(_JAVA, into / "buildpack")
        shutil.copytree(runtime, into / "buildpack" / "jre", symlinks=True)

    buildpack = keep("java-buildpack", [_JAVA, runtime.parent.name], make) / "buildpack"
    return builder(engine, "test-builder-java", base_image(engine), [[Member(buildpack)]])


def custom_builder(engine: Engine, buildpack: Path) -> str:
    """Return a builder whose one group is the language-like buildpack and then *buildpack*, optional."""
    group = [Member(GO_BINARY), Member(buildpack, optional=True)]
    return builder(engine, "test-builder-custom", base_image(engine), [group])


def all_images(engine: Engine) -> list[str]:
    """Make every image that needs nothing of this project's own package; return their names."""
    return [test_builder(engine), musl_builder(engine), lifecycle_image(engine)]


def _buildpack(directory: Path) -> dict[str, str]:
    try:
        about: dict[str, str] = tomllib.loads((directory / "buildpack.toml").read_text())["buildpack"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ToolchainError(f"{directory} is no buildpack directory", "`make package` writes ours to dist/") from error
    return about


def _base_config(distro: str, version: str) -> list[str]:
    return [
        f"ENV CNB_USER_ID={USER_ID}",
        f"ENV CNB_GROUP_ID={GROUP_ID}",
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        f"LABEL io.buildpacks.base.distro.name={distro}",
        f"LABEL io.buildpacks.base.distro.version={version}",
        f"USER {USER_ID}:{GROUP_ID}",
    ]


def _import(engine: Engine, name: str, rootfs: Path, config: Sequence[str]) -> str:
    changes = [word for line in config for word in ("--change", line)]
    recipe = [rootfs.parent.name, *config]
    return _keep_image(engine, name, recipe, lambda tag: engine.docker("import", *changes, rootfs, tag))


def _load(engine: Engine, name: str, rootfs: Path, config: Sequence[str], arch: str) -> str:
    """Do what `_import` does, for another architecture: `docker import --platform` of old engines ignores that."""

    def make(tag: str) -> None:
        layer = rootfs.read_bytes()
        values: dict[str, list[str]] = {}
        for line in config:
            instruction, _, value = line.partition(" ")
            values.setdefault(instruction, []).append(value)
        labels = dict(label.split("=", 1) for label in values["LABEL"])
        about = {
            "architecture": arch,
            "os": "linux",
            "config": {"Env": values["ENV"], "Labels": labels, "User": values["USER"][0]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
        manifest = [{"Config": "config.json", "RepoTags": [tag], "Layers": ["layer.tar"]}]
        archive = io.BytesIO()
        tar.write(
            archive,
            [
                tar.file("manifest.json", json.dumps(manifest).encode()),
                tar.file("config.json", json.dumps(about).encode()),
                tar.file("layer.tar", layer),
            ],
        )
        engine.docker("load", data=archive.getvalue())

    return _keep_image(engine, name, [rootfs.parent.name, *config, arch], make)


def _keep_image(engine: Engine, name: str, recipe: Iterable[str | Path], make: Callable[[str], object]) -> str:
    repository = f"{REPOSITORY}/{name}"
    tag = f"{repository}:{digest(recipe)}"
    if _exists(engine, tag):
        return tag
    with locked(f"image-{name}"):
        if not _exists(engine, tag):
            make(tag)
            if engine.own:
                _remove_others(engine, repository, tag)
    return tag


def _remove_others(engine: Engine, repository: str, latest: str) -> None:
    tags = engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository).stdout.split()
    for tag in tags:
        if tag != latest:
            engine.docker("image", "rm", tag, check=False)  # one in use stays


def _exists(engine: Engine, tag: str) -> bool:
    return engine.docker("image", "inspect", "--format", "{{.Id}}", tag, check=False).returncode == 0

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.errors.selection import AssetAmbiguous, NoAssetForPlatform
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose, default_target
from tests.properties import examples

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")


def test_equal_ranks_are_an_error_that_lists_the_candidates() -> None:
    with pytest.raises(AssetAmbiguous) as caught:
        choose(["b-linux-x64", "a-linux-x64", "c-linux-arm64"], AMD64)
    assert (caught.value.platform, caught.value.candidates) == ("linux/amd64", ["a-linux-x64", "b-linux-x64"])


def test_an_error_lists_candidates_closest_first() -> None:
    names = ["tool-darwin-amd64", "tool-linux-amd64", "checksums.txt", "tool-linux-amd64.sha256", "tool-darwin-arm64"]
    with pytest.raises(NoAssetForPlatform) as caught:
        choose(names, ARM64)
    assert (caught.value.platform, caught.value.available) == (
        "linux/arm64",
        ["tool-linux-amd64", "tool-darwin-arm64", "tool-darwin-amd64"],
    )


@pytest.mark.parametrize("names", [[], ["checksums.txt"], ["tool.exe"], ["install.sh"]])
def test_no_program_in_the_archive(names: list[str]) -> None:
    with pytest.raises(NoAssetForPlatform):
        choose(names, AMD64)


def test_another_tool_is_no_replacement_for_the_wanted_one() -> None:
    names = ["client-linux-amd64", "server-linux-amd64", "server-linux-arm64"]
    assert choose(names, AMD64, AssetQuery(target="client")) == "client-linux-amd64"
    with pytest.raises(NoAssetForPlatform):
        choose(names, ARM64, AssetQuery(target="client"))
    with pytest.raises(NoAssetForPlatform):
        choose(names, ARM64, AssetQuery(repository="o/client"))


def test_target_takes_precedence_over_the_repository() -> None:
    names = ["kcp_linux_amd64", "kubectl-kcp-plugin_linux_amd64"]
    assert choose(names, AMD64, AssetQuery(repository="o/kcp")) == names[0]
    assert choose(names, AMD64, AssetQuery(repository="o/kcp", target="kubectl-kcp")) == names[1]


@pytest.mark.parametrize(
    ("libc", "names", "chosen"),
    [
        (None, ["t-x86_64-linux-gnu", "t-x86_64-linux-musl"], "t-x86_64-linux-musl"),
        (None, ["t-linux-x64", "t-linux-x64-musl"], "t-linux-x64"),
        (None, ["t-linux-x64", "t-linux-x64-static", "t-linux-x64-musl"], "t-linux-x64-static"),
        ("musl", ["t-linux-x64", "t-linux-x64-musl"], "t-linux-x64-musl"),
        ("musl", ["t-linux-x64", "t-linux-x64-gnu"], "t-linux-x64"),
        ("musl", ["t-linux-x64-alpine", "t-linux-x64-gnu"], "t-linux-x64-alpine"),
        ("gnu", ["t-linux-x64-gnu", "t-linux-x64-musl"], "t-linux-x64-gnu"),
        ("gnu", ["t-linux-x64-musl"], "t-linux-x64-musl"),
        ("gnu", ["t-linux-x64-glibc2.31", "t-linux-x64-glibc2.28"], "t-linux-x64-glibc2.28"),
        (None, ["t_manylinux_x86_64", "t_musllinux_x86_64"], "t_manylinux_x86_64"),
        (None, ["t_manylinux_2_28_x86_64", "t_musllinux_1_2_x86_64"], "t_manylinux_2_28_x86_64"),
        (None, ["t_musllinux_x86_64", "t-x86_64-unknown-linux-gnu"], "t-x86_64-unknown-linux-gnu"),
        (None, ["t-x86_64-alpine-linux-musl", "t-x86_64-linux-gnu"], "t-x86_64-linux-gnu"),
        (None, ["t-linux-x64-glibc", "t-alpine3.20-x64"], "t-linux-x64-glibc"),
        (None, ["t-linux-x64-musl", "t-linux-x64-gnu", "t_musllinux_x86_64"], "t-linux-x64-musl"),
        ("musl", ["t_manylinux_x86_64", "t_musllinux_x86_64"], "t_musllinux_x86_64"),
        ("musl", ["t-x86_64-alpine-linux-musl", "t-x86_64-linux-gnu"], "t-x86_64-alpine-linux-musl"),
        ("musl", ["t-musllinux-x64", "t-linux-x64"], "t-musllinux-x64"),
        ("musl", ["t-alpine3.18-x64", "t-ubuntu-x64", "t-linux-x64"], "t-alpine3.18-x64"),
        ("musl", ["t_alpine", "t_amd64", "t_arm64", "t_darwin", "t.exe"], "t_alpine"),
        ("gnu", ["t_alpine", "t_amd64", "t_arm64", "t_darwin", "t.exe"], "t_amd64"),
        (None, ["t_alpine", "t_amd64", "t_arm64", "t_darwin", "t.exe"], "t_amd64"),
    ],
)
def test_the_c_library(libc: str | None, names: list[str], chosen: str) -> None:
    assert choose(names, Platform("linux", "amd64", libc)) == chosen


def test_a_glibc_build_for_musl_only_if_configured() -> None:
    names, musl = ["t-x86_64-unknown-linux-gnu", "t-x86_64-apple-darwin"], Platform("linux", "amd64", "musl")
    assert choose(names, musl, AssetQuery(target="t")) == names[0]
    with pytest.raises(NoAssetForPlatform):
        choose(names, musl, AssetQuery(repository="o/t"))


@pytest.mark.parametrize(
    ("platform", "names", "chosen"),
    [
        (AMD64, ["t-x86_64.AppImage", "t-x86_64", "t-aarch64", "t.dmg", "t.exe"], "t-x86_64"),
        (ARM64, ["t-x86_64.AppImage", "t-x86_64", "t-aarch64", "t.dmg", "t.exe"], "t-aarch64"),
        (ARM64, ["t-x86_64.AppImage", "t-aarch64.AppImage", "t-x86_64", "t.dmg"], "t-aarch64.AppImage"),
        (AMD64, ["t-x64.AppImage", "t-x64.tar.gz", "t-arm64.tar.gz", "t.exe"], "t-x64.tar.gz"),
        (AMD64, ["t.AppImage", "t-amd64", "t-arm64", "t-setup.exe"], "t-amd64"),
        (ARM64, ["t_1.0_amd64.deb", "t_1.0_arm64.deb", "t-amd64", "t-arm64", "t.exe"], "t-arm64"),
        (AMD64, ["t-x86_64-musl", "t-x86_64", "t-aarch64", "t.exe"], "t-x86_64"),
        (ARM64, ["t-x86_64-musl", "t-x86_64", "t-aarch64", "t.exe"], "t-aarch64"),
        (ARM64, ["t_alpine", "t_amd64", "t_arm", "t_arm64", "t_darwin", "t_darwin_arm64", "t.exe"], "t_arm64"),
        (AMD64, ["t-linux.AppImage", "t-x86_64", "t-aarch64", "t.exe"], "t-x86_64"),
        (ARM64, ["t-linux.tar.gz", "t-aarch64.tar.gz"], None),
        (AMD64, ["t.jar", "t-x86_64.AppImage"], "t-x86_64.AppImage"),
    ],
)
def test_a_format_or_c_library_does_not_mean_that_the_release_names_its_systems(
    platform: Platform, names: list[str], chosen: str | None
) -> None:
    if chosen is None:
        with pytest.raises(NoAssetForPlatform):
            choose(names, platform, AssetQuery(repository="o/t"))
    else:
        assert choose(names, platform, AssetQuery(repository="o/t")) == chosen
        assert choose(names[::-1], platform, AssetQuery(repository="o/t")) == chosen


@pytest.mark.parametrize(
    "name",
    [
        "t-linux-x86_64-static-pie",
        "t-Linux-x86_64-cpu",
        "t-linux-amd64-noavx",
        "t-linux64-gcc",
        "t-linux-x86-64bit",
        "t_v0.8.1_linux_x86_64bit",
        "t-linux-amd64-bit64",
    ],
)
def test_a_variant_after_the_platform_is_the_tool_itself(name: str) -> None:
    assert choose([name, "t-darwin-arm64", "t-windows-x64.exe"], AMD64, AssetQuery(repository="o/t")) == name


@pytest.mark.parametrize(
    "names",
    [
        ["t-helper-linux-x64", "t-darwin-arm64", "t-windows-x64.exe"],
        ["t-linux-helper-x64", "t-darwin-arm64", "t-windows-x64.exe"],
        ["t-linux-x64-debug", "t-darwin-arm64"],
        ["t-linux-x64-cuda", "t-darwin-arm64"],
        ["t-linux-x64-avx2", "t-linux-x64-avx512", "t-darwin-arm64"],
        ["t-x86_64-unknown-linux-gnux32", "t-darwin-arm64"],
        ["t-x86_64-linux-ohos", "t-darwin-arm64"],
        ["t-x86_64-linux-uclibc", "t-darwin-arm64"],
    ],
)
def test_another_program_or_a_special_build_is_not_the_tool(names: list[str]) -> None:
    with pytest.raises((NoAssetForPlatform, AssetAmbiguous)):
        choose(names, AMD64, AssetQuery(repository="o/t"))


@pytest.mark.parametrize(
    "name", ["t-linux-aarch64_be", "t-aarch64_be-unknown-linux-gnu", "t-linux-arm64be", "t-linux-armeb"]
)
def test_big_endian_is_another_architecture(name: str) -> None:
    with pytest.raises(NoAssetForPlatform):
        choose([name, "t-darwin-arm64"], ARM64, AssetQuery(repository="o/t"))


def test_the_release_disambiguates_a_bare_architecture() -> None:
    names = ["t-linux-arm", "t-mac-arm", "t-linux-x86"]
    assert choose(names, ARM64) == "t-linux-arm"
    assert choose(names, AMD64) == "t-linux-x86"
    with pytest.raises(NoAssetForPlatform):
        choose(["t-linux-arm", "t-linux-amd64"], ARM64)
    assert choose(["t-linux-x86", "t-linux-x64"], AMD64) == "t-linux-x64"
    assert choose(["t-linux-x86", "t-linux-x64"], Platform("linux", "386")) == "t-linux-x86"


def test_the_name_without_a_suffix_is_the_default_platforms() -> None:
    names = ["t", "t-arm64", "t-darwin", "t.exe", "t.sha256"]
    assert choose(names, AMD64) == "t"
    assert choose(names, ARM64) == "t-arm64"
    with pytest.raises(NoAssetForPlatform):
        choose(names, Platform("linux", "s390x"))
    assert choose(["t.tgz", "t-arm64.tgz", "t-darwin.tgz"], AMD64) == "t.tgz"
    with pytest.raises(NoAssetForPlatform):
        choose(["t-1.0.tgz", "t-1.0-darwin.tgz"], AMD64)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["t-linux-x64-cuda.zip", "t-linux-x64-cpu.zip"], "t-linux-x64-cpu.zip"),
        (["t-linux-x64-debug.tar.gz", "t-linux-x64-release.zip"], "t-linux-x64-release.zip"),
        (["t-linux-x64-full.tar.gz", "t-linux-x64.zip"], "t-linux-x64.zip"),
        (["t-linux-amd64v3.tar.gz", "t-linux-amd64v1.zip"], "t-linux-amd64v1.zip"),
        (["t-x64-extra", "other-linux-x64"], "other-linux-x64"),
        (["t-linux-x64-unknown", "t-linux-x64-centos7", "t-linux-x64-ubuntu2204"], "t-linux-x64-unknown"),
        (["t-linux-universal.tar.xz", "t-linux-x64.tar.gz"], "t-linux-x64.tar.gz"),
        (["t-linux.tar.xz", "t-linux-x64.tar.gz"], "t-linux-x64.tar.gz"),
        (["t.jar", "t-linux-x64.AppImage"], "t-linux-x64.AppImage"),
        (["t-linux-x64.AppImage", "t-linux-x64"], "t-linux-x64"),
        (["t-linux-x64", "t-linux-x64.zip", "t-linux-x64.tgz", "t-linux-x64.txz"], "t-linux-x64.txz"),
        (["t-linux-x64.gz", "t-linux-x64"], "t-linux-x64"),
        (["t-nightly-linux-x64", "t-linux-x64"], "t-linux-x64"),
    ],
)
def test_of_several_for_the_platform(names: list[str], chosen: str) -> None:
    assert choose(names, AMD64) == chosen
    assert choose(names[::-1], AMD64) == chosen


@pytest.mark.parametrize(
    ("names", "repository", "chosen"),
    [
        (["darwin-tool-linux-x64", "darwin-tool-darwin-x64"], None, "darwin-tool-linux-x64"),
        (["win-tool-ubuntu-x64", "win-helper-macos-x64"], "o/win-tool", "win-tool-ubuntu-x64"),
        (["arm-none-eabi-gcc-x64-linux", "arm-none-eabi-gcc-arm64-linux"], None, "arm-none-eabi-gcc-x64-linux"),
        (["setup-env-linux-x64", "setup-env-macos-x64"], None, "setup-env-linux-x64"),
        (["macos-tool-x64"], "o/macos-tool", None),
        (["tool-all-linux-x64", "tool-aws-linux-x64"], "o/tool", None),
        (["t-x64-linux-android"], None, None),
    ],
)
def test_platform_words_in_the_names_of_tools(names: list[str], repository: str | None, chosen: str | None) -> None:
    if chosen is None:
        with pytest.raises((NoAssetForPlatform, AssetAmbiguous)):
            choose(names, AMD64, AssetQuery(repository=repository))
    else:
        assert choose(names, AMD64, AssetQuery(repository=repository)) == chosen


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["t-arm64.tar.gz", "t-macos-arm64.zip"], "t-arm64.tar.gz"),
        (["t-arm64.zip", "t-amd64.zip"], "t-arm64.zip"),
        (["t-arm64.zip", "t-mac.zip"], None),
        (["t-arm64.tar.gz", "t-linux.tar.gz", "t-macos.tar.gz"], None),
        (["t-linux.tar.gz", "t-macos.tar.gz"], None),
        (["t", "checksums.txt"], "t"),
        (["run.sh", "t-macos-arm64"], None),
        (["t.sh", "t-macos-arm64"], "t.sh"),
        (["t-1.0.tar.gz", "t_1.0_arm64.deb"], None),
    ],
)
def test_what_a_name_does_not_decide(names: list[str], chosen: str | None) -> None:
    if chosen is None:
        with pytest.raises(NoAssetForPlatform):
            choose(names, ARM64, AssetQuery(repository="o/t"))
    else:
        assert choose(names, ARM64, AssetQuery(repository="o/t")) == chosen


@pytest.mark.parametrize(
    ("name", "repository", "tag", "target"),
    [
        ("grpc_health_probe-linux-amd64", "grpc-ecosystem/grpc-health-probe", "v0.4", "grpc_health_probe"),
        ("gh_2.13.0_linux_amd64.tar.gz", "cli/cli", "v2.13.0", "gh"),
        ("Godot_v4.3-stable_linux.x86_64.zip", "godotengine/godot", "4.3-stable", "Godot"),
        ("tinygo0.30.0.linux-amd64.tar.gz", "tinygo-org/tinygo", "v0.30.0", "tinygo"),
        ("go-arch-lint_1.15_linux_amd64.tar.gz", "fe3dback/go-arch-lint", None, "go-arch-lint"),
        ("win-tool-ubuntu-x64.tar.gz", "o/win-tool", None, "win-tool"),
        ("static-web-server-x86_64-unknown-linux-musl.tar.gz", "o/static-web-server", None, "static-web-server"),
        ("jq-linux64", "jqlang/jq", "jq-1.6", "jq"),
        ("nvim-linux-x86_64.appimage", "neovim/neovim", None, "nvim"),
        ("composer.phar", "composer/composer", None, "composer.phar"),
        ("stack-2.13.1-linux-x86_64-bin", "commercialhaskell/stack", None, "stack"),
        ("sentry-cli-Linux-x86_64", "getsentry/sentry-cli", None, "sentry-cli"),
        ("exoscale-cli_1.2_linux_amd64.tar.gz", "exoscale/exo", None, "exoscale-cli"),
        ("x86_64-unknown-linux-musl.zip", "ms-jpq/sad", None, "sad"),
        ("dapr", None, None, "dapr"),
        ("delly_v0.8.1_linux_x86_64bit", "dellytools/delly", "v0.8.1", "delly"),
        ("delly_v0.8.1_linux_x86_64bit", "dellytools/delly", None, "delly"),
        ("tool_linux_arm_64bit", "o/tool", None, "tool"),
        ("tool_linux_aarch64bit", "o/tool", None, "tool"),
        ("tool_linux_i686bit", "o/tool", None, "tool"),
        ("tool-win32bit-x86_32bits.zip", "o/tool", None, "tool"),
        ("tool-linux-x86-64-bit.tar.gz", "o/tool", None, "tool"),
        ("s3-proxy_1.2.3_linux_amd64", "o/s3-proxy", "s3-proxy-v1.2.3", "s3-proxy"),
        ("tool1.2.3-linux-x64", "o/mono", "k8s-tool/v1.2.3", "tool"),
    ],
)
def test_the_default_target(name: str, repository: str | None, tag: str | None, target: str) -> None:
    assert default_target(name, repository, tag) == target


@settings(max_examples=examples(200))
@given(
    st.lists(
        st.sampled_from(("tool", "x", "86", "64", "bit", "linux", "v1.2", "x86_64bit", "arm", "cli", "1")), max_size=7
    ),
    st.sampled_from(("-", "_", ".", "")),
    st.sampled_from(("", ".tar.gz", ".jar")),
)
def test_a_default_target_consists_of_words_of_the_name(words: list[str], by: str, extension: str) -> None:
    """Only separators are between two of its words."""
    name = by.join(words) + extension
    target = default_target(name, "o/tool")
    whole = set(re.findall(r"[^\W_]+", name)) | {"tool", "jar"}
    assert all(any(word in known for known in whole) for word in re.findall(r"[^\W_]+", target))
    assert not re.search(r"[\W_]{2}", target)

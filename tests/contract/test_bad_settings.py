"""Every invalid value of every variable: a row has the settings that differ from `ASKED`, and the message."""

# ruff: noqa: E501 - a row of a table is a line

from __future__ import annotations

import pytest

from testing.githubd import Server
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED

A_NAME = "Expected: a file name, without directories, .. or control characters."
A_REPOSITORY = "Expected: owner/name, such as grpc-ecosystem/grpc-health-probe, or https://github.com/owner/name."
NO_RELEASE = f"{A_REPOSITORY[:-1]}, without a release or an asset, which have settings of their own."
A_URL = "Expected: an https:// URL without user name or query."
A_TOKEN = "Expected: a token: ASCII letters and digits."
NO_CONTROLS = "Expected: text without control characters."
SECONDS = "Expected: a number of seconds, more than 0 and at most 86400."
SECRET = "s3cretInAUrl"

Row = tuple[str, dict[str, str | bytes], str, str]
"""Name, settings, headline, and the start of the advice."""

ASSET: list[Row] = [
    ("TARGET empty", {"TARGET": ""}, 'TARGET is invalid: "".', A_NAME),
    ("TARGET blank", {"TARGET": " \n"}, 'TARGET is invalid: "".', A_NAME),
    ("TARGET absolute", {"TARGET": "/bin/sh"}, 'TARGET is invalid: "/bin/sh".', A_NAME),
    ("TARGET in a folder", {"TARGET": "a/b"}, 'TARGET is invalid: "a/b".', A_NAME),
    ("TARGET with a closing slash", {"TARGET": "a/"}, 'TARGET is invalid: "a/".', A_NAME),
    ("TARGET upwards", {"TARGET": ".."}, 'TARGET is invalid: "..".', A_NAME),
    ("TARGET here", {"TARGET": "."}, 'TARGET is invalid: ".".', A_NAME),
    ("TARGET upwards and down", {"TARGET": "../x"}, 'TARGET is invalid: "../x".', A_NAME),
    ("TARGET with a backslash", {"TARGET": "a\\b"}, 'TARGET is invalid: "a\\b".', A_NAME),
    ("TARGET with a line break", {"TARGET": "a\nb"}, 'TARGET is invalid: (not shown).', NO_CONTROLS),
    ("TARGET with NUL", {"TARGET": b"a\0b"}, 'TARGET is invalid: (not shown).', NO_CONTROLS),
    ("TARGET with an escape", {"TARGET": "\x1b[31mred"}, 'TARGET is invalid: (not shown).', NO_CONTROLS),
    ("TARGET written backwards", {"TARGET": "a\u202eb"}, "TARGET is invalid: (not shown).", NO_CONTROLS),
    ("TARGET too long", {"TARGET": "x" * 256}, f'TARGET is invalid: "{"x" * 200}".', A_NAME),
    ("TARGET too long in bytes", {"TARGET": "ü" * 128}, f'TARGET is invalid: "{"ü" * 128}".', A_NAME),
    ("TARGET by our own name", {"BP_GITHUB_ASSET_TARGET": "a/b"}, 'BP_GITHUB_ASSET_TARGET is invalid: "a/b".', A_NAME),
    ("REPO without owner", {"REPO": "probe"}, 'REPO is invalid: "probe".', A_REPOSITORY),
    ("REPO with nothing before the slash", {"REPO": "/probe"}, 'REPO is invalid: "/probe".', A_REPOSITORY),
    ("REPO with nothing behind the slash", {"REPO": "owner/"}, 'REPO is invalid: "owner/".', A_REPOSITORY),
    ("REPO of three parts", {"REPO": "a/b/c"}, 'REPO is invalid: "a/b/c".', A_REPOSITORY),
    ("REPO upwards", {"REPO": "../x"}, 'REPO is invalid: "../x".', A_REPOSITORY),
    ("REPO with a space", {"REPO": "a b/c"}, 'REPO is invalid: "a b/c".', A_REPOSITORY),
    ("REPO not in ASCII", {"REPO": "ä/ö"}, 'REPO is invalid: "ä/ö".', A_REPOSITORY),
    ("REPO too long", {"REPO": "a/" + "b" * 101}, f'REPO is invalid: "a/{"b" * 101}".', A_REPOSITORY),
    ("REPO with a line break", {"REPO": "a/b\nc/d"}, 'REPO is invalid: (not shown).', NO_CONTROLS),
    ("REPO for ssh", {"REPO": "git@github.com:a"}, 'REPO is invalid: "https://github.com/a".', A_REPOSITORY),
    ("REPO an ssh URL", {"REPO": "ssh://me@github.com/a/b"}, 'REPO is invalid: "ssh://***@github.com".', A_URL),
    ("REPO on plain http", {"REPO": "http://github.com/a/b"}, 'REPO is invalid: "http://github.com".', A_URL),
    ("REPO a page", {"REPO": "https://github.com/a/b/releases"}, 'REPO is invalid: "https://github.com/a/b/releases".', NO_RELEASE),
    ("REPO a host", {"REPO": "https://github.com"}, 'REPO is invalid: "https://github.com".', A_REPOSITORY),
    ("REPO a file URL", {"REPO": "file:///etc/passwd"}, 'REPO is invalid: "file://".', A_URL),
    ("REPO with a password", {"REPO": f"https://me:{SECRET}@github.com/a/b"}, 'REPO is invalid: "https://***@github.com".', A_URL),
    ("REPO with a user", {"REPO": f"https://{SECRET}@github.com/a/b"}, 'REPO is invalid: "https://***@github.com".', A_URL),
    ("REPO with a password, no scheme", {"REPO": f"me:{SECRET}@github.com/a/b"}, 'REPO is invalid: "***@github.com/a/b".', A_REPOSITORY),
    ("REPO with a version", {"REPO": "a/b@v0.4.45"}, 'REPO is invalid: "a/b@v0.4.45".', NO_RELEASE),
    ("REPO with a query", {"REPO": f"https://github.com/a/b?token={SECRET}"}, 'REPO is invalid: "https://github.com/a/b".', A_REPOSITORY),
    ("REPO with a port that is none", {"REPO": "https://github.com:x/a/b"}, 'REPO is invalid: "https://github.com:x".', A_URL),
    ("VERSION with two dots", {"VERSION": "v1..2"}, 'VERSION is invalid: "v1..2".', "Expected: a tag"),
    ("VERSION with an opening slash", {"VERSION": "/v1"}, 'VERSION is invalid: "/v1".', "Expected: a tag"),
    ("VERSION with a closing slash", {"VERSION": "v1/"}, 'VERSION is invalid: "v1/".', "Expected: a tag"),
    ("VERSION upwards", {"VERSION": "../../x"}, 'VERSION is invalid: "../../x".', "Expected: a tag"),
    ("VERSION an option", {"VERSION": "--help"}, 'VERSION is invalid: "--help".', "Expected: a tag"),
    ("VERSION with a backslash", {"VERSION": "v\\1"}, 'VERSION is invalid: "v\\1".', "Expected: a tag"),
    ("VERSION a revision", {"VERSION": "main@{1}"}, 'VERSION is invalid: "main@{1}".', "Expected: a tag"),
    ("VERSION with a line break", {"VERSION": "v1\nv2"}, 'VERSION is invalid: (not shown).', NO_CONTROLS),
    ("VERSION too long", {"VERSION": "v" * 256}, f'VERSION is invalid: "{"v" * 200}".', "Expected: a tag"),
    ("FILE with a line break", {"FILE": "a\nb"}, 'FILE is invalid: (not shown).', NO_CONTROLS),
    ("TOKEN of two words", {"TOKEN": f"Bearer {SECRET}"}, 'TOKEN is invalid: (not shown).', A_TOKEN),
    ("TOKEN of two lines", {"TOKEN": f"{SECRET}\nX-Evil: 1"}, 'TOKEN is invalid: (not shown).', NO_CONTROLS),
    ("TOKEN not in ASCII", {"TOKEN": f"{SECRET}é"}, 'TOKEN is invalid: (not shown).', A_TOKEN),
    ("TARGET in quotes", {"TARGET": "'tool'"}, "The value of TARGET starts with a quotation mark.", "Remove the quotes"),
    ("TARGET after a quote", {"TARGET": '"tool'}, "The value of TARGET starts with a quotation mark.", "Remove the quotes"),
    ("REPO in typographic quotes", {"REPO": "\u201ca/b\u201d"}, "The value of REPO starts with a quotation mark.", "Remove the quotes"),
    ("TOKEN in quotes", {"TOKEN": f"'{SECRET}'"}, "The value of TOKEN starts with a quotation mark.", "Remove the quotes"),
    ("short specs in quotes", {"BP_GITHUB_ASSETS": "'a/b'"}, "The value of BP_GITHUB_ASSETS starts with a quotation mark.", "Remove the quotes"),
    ("no REPO for FILE and TARGET", {"REPO": ""}, "REPO is required because FILE and TARGET are set.", "Set it with --env REPO=owner/name"),
    ("REPOS", {"REPO": "", "REPOS": "a/b"}, "REPO is required because FILE and TARGET are set.", "REPOS is set: did you mean REPO?"),
    ("an unknown variable", {"BP_GITHUB_ASSET_TAG": "v1"}, "BP_GITHUB_ASSET_TAG is set, but this buildpack has no such variable.", "Did you mean BP_GITHUB_ASSET_VERSION?"),
    ("a switch in words", {"BP_GITHUB_ASSETS_ENABLED": "maybe"}, 'BP_GITHUB_ASSETS_ENABLED is invalid: "maybe".', "Expected: true or false."),
    ("an unknown C library", {"BP_GITHUB_ASSETS_LIBC": "glibc"}, 'BP_GITHUB_ASSETS_LIBC is invalid: "glibc".', "Expected: gnu or musl."),
    ("a file that is not UTF-8", {"TARGET": b"pr\xf6be"}, 'TARGET (file in the platform\'s env directory) is invalid: (not shown).', "Expected: a readable UTF-8 file (UnicodeDecodeError)."),
]  # fmt: skip

BUILD: list[Row] = [
    ("API on plain http", {"GITHUB_API_URL": "http://api.example.com"}, 'GITHUB_API_URL is invalid: "http://api.example.com".', A_URL),
    ("API without scheme", {"GITHUB_API_URL": "api.example.com"}, 'GITHUB_API_URL is invalid: "api.example.com".', A_URL),
    ("API with a password", {"GITHUB_API_URL": f"https://me:{SECRET}@ghe.example.com"}, 'GITHUB_API_URL is invalid: "https://***@ghe.example.com".', A_URL),
    ("API with a query", {"GITHUB_API_URL": f"https://ghe.example.com/?key={SECRET}"}, 'GITHUB_API_URL is invalid: "https://ghe.example.com/".', A_URL),
    ("API that looks like loopback", {"GITHUB_API_URL": "http://localhost.example.com"}, 'GITHUB_API_URL is invalid: "http://localhost.example.com".', A_URL),
    ("API that looks like a loopback address", {"GITHUB_API_URL": "http://127.evil.example.com"}, 'GITHUB_API_URL is invalid: "http://127.evil.example.com".', A_URL),
    ("API of no host", {"GITHUB_API_URL": "https://"}, 'GITHUB_API_URL is invalid: "https://".', A_URL),
    ("API with a port that is none", {"GITHUB_API_URL": "https://ghe.example.com:99999"}, 'GITHUB_API_URL is invalid: "https://ghe.example.com:99999".', A_URL),
    ("API with a broken IPv6 address", {"GITHUB_API_URL": "https://[::1"}, 'GITHUB_API_URL is invalid: "https://[::1".', A_URL),
    ("server on plain http", {"GITHUB_SERVER_URL": "http://ghe.example.com"}, 'GITHUB_SERVER_URL is invalid: "http://ghe.example.com".', A_URL),
    ("time limit in words", {"BP_GITHUB_ASSETS_TIMEOUT": "soon"}, 'BP_GITHUB_ASSETS_TIMEOUT is invalid: "soon".', SECONDS),
    ("time limit of nothing", {"BP_GITHUB_ASSETS_TIMEOUT": "0"}, 'BP_GITHUB_ASSETS_TIMEOUT is invalid: "0".', SECONDS),
    ("time limit below nothing", {"BP_GITHUB_ASSETS_TIMEOUT": "-1"}, 'BP_GITHUB_ASSETS_TIMEOUT is invalid: "-1".', SECONDS),
    ("time limit that is no number", {"BP_GITHUB_ASSETS_TIMEOUT": "nan"}, 'BP_GITHUB_ASSETS_TIMEOUT is invalid: "nan".', SECONDS),
    ("time limit without end", {"BP_GITHUB_ASSETS_TIMEOUT": "inf"}, 'BP_GITHUB_ASSETS_TIMEOUT is invalid: "inf".', SECONDS),
    ("authorities that are missing", {"SSL_CERT_FILE": "/nowhere.pem"}, 'SSL_CERT_FILE is invalid: "/nowhere.pem".', "Expected: a readable PEM file of certificates (No such file or directory)."),
    ("authorities that are a folder", {"SSL_CERT_FILE": "/"}, 'SSL_CERT_FILE is invalid: "/".', "Expected: a readable PEM file of certificates ("),
    ("authorities that are none", {"SSL_CERT_FILE": "/etc/passwd"}, 'SSL_CERT_FILE is invalid: "/etc/passwd".', "Expected: a readable PEM file of certificates ("),
    ("no REPO", {"REPO": "", "FILE": ""}, "No assets are configured.", "Set REPO with --env REPO=owner/name"),
]  # fmt: skip


def rows(table: list[Row], *chosen: str) -> pytest.MarkDecorator:
    parameters = [pytest.param(*row[1:], id=row[0]) for row in table if not chosen or row[0] in chosen]
    return pytest.mark.parametrize(("settings", "headline", "advice"), parameters)


@rows(ASSET)
def test_invalid_settings_pass_detect_and_fail_the_build(
    lifecycle: Lifecycle, server: Server, settings: dict[str, str | bytes], headline: str, advice: str
) -> None:
    """A lifecycle leaves an optional buildpack out whose detect fails, and goes on without the asset."""
    lifecycle.set({**ASKED, **settings})

    detected = lifecycle.detect()
    assert (detected.status, detected.log) == (0, "")
    assert "[[requires]]" in lifecycle.plan.read_text()
    what, expected = refused(lifecycle.build(), lifecycle, SECRET)
    assert what == headline
    assert expected.startswith(advice)
    assert server.requests() == []


@rows(BUILD)
def test_build_reports_invalid_settings(
    lifecycle: Lifecycle, server: Server, settings: dict[str, str | bytes], headline: str, advice: str
) -> None:
    run = lifecycle.build({**ASKED, "BP_GITHUB_ASSETS_TIMEOUT": "1", **settings})

    what, expected = refused(run, lifecycle, SECRET)
    assert what == headline
    assert expected.startswith(advice)
    assert server.requests() == []


def test_a_process_variable_that_is_not_utf_8(lifecycle: Lifecycle) -> None:
    lifecycle.process["TARGET"] = "pr\udcf6be"

    run = lifecycle.build({name: ASKED[name] for name in ("REPO", "FILE")})

    assert refused(run, lifecycle) == ("TARGET is invalid: (not shown).", NO_CONTROLS)


def test_an_env_folder_where_a_file_should_be(lifecycle: Lifecycle) -> None:
    lifecycle.set(ASKED)
    (lifecycle.platform / "env/VERSION").mkdir()

    assert lifecycle.detect().status == 0
    what, advice = refused(lifecycle.build(), lifecycle)
    assert what == "VERSION (file in the platform's env directory) is invalid: (not shown)."
    assert advice == "Expected: a readable UTF-8 file (IsADirectoryError)."


def test_an_invalid_repo_that_may_belong_to_another_tool_names_the_alternative(lifecycle: Lifecycle) -> None:
    run = lifecycle.build({"REPO": "registry.example.com/team/app:1"})

    what, advice = refused(run, lifecycle)
    assert what == 'REPO is invalid: "registry.example.com/team/app:1".'
    assert advice.splitlines()[1].endswith("or disable this buildpack with BP_GITHUB_ASSETS_ENABLED=false.")
    ours, advice = refused(lifecycle.build({"BP_GITHUB_ASSET_REPO": "x"}), lifecycle)
    assert ours == 'BP_GITHUB_ASSET_REPO is invalid: "x".'
    assert "BP_GITHUB_ASSETS_ENABLED" not in advice


def test_all_invalid_settings_are_reported_at_once(lifecycle: Lifecycle) -> None:
    (lifecycle.app / "github-assets.toml").write_text(
        '[[assets]]\nrepo = "a/b"\nlayer = "a/b"\nverison = "1"\n[[assets]]\nrepo = "c/d"\nmin_age = 3\n'
    )
    (lifecycle.app / "github-assets.yaml").write_text("assets: 1\n")
    settings = {**ASKED, "FILE": "/(/", "TARGET": "a/b", "BP_GITHUB_ASSETS": "x,e/f", "BP_GITHUB_ASSETS_LIBC": "glibc"}

    run = lifecycle.build({**settings, "BP_GITHUB_ASSETS_TIMEOUT": "soon", "GITHUB_SERVER_URL": "ghe.example.com"})

    what, rest = refused(run, lifecycle)
    assert what == "10 settings are invalid:"
    named = [line.strip().split(" has ")[0].split(" is ")[0] for line in rest.splitlines()[::3]]
    assert named == [
        "BP_GITHUB_ASSETS item 1",
        "[[assets]] number 1 in github-assets.toml",
        "layer of [[assets]] number 1 in github-assets.toml",
        "min_age of [[assets]] number 2 in github-assets.toml",
        "assets in github-assets.yaml",
        "FILE",
        "TARGET",
        "BP_GITHUB_ASSETS_LIBC",
        "BP_GITHUB_ASSETS_TIMEOUT",
        "GITHUB_SERVER_URL",
    ]


@pytest.mark.parametrize(
    ("phase", "name"),
    [
        ("detect", "CNB_PLATFORM_DIR"),
        ("detect", "CNB_BUILD_PLAN_PATH"),
        ("build", "CNB_PLATFORM_DIR"),
        ("build", "CNB_LAYERS_DIR"),
    ],
)
def test_a_run_without_a_lifecycle(lifecycle: Lifecycle, phase: str, name: str) -> None:
    run = lifecycle.run_alone(phase, without=name)

    what, advice = refused(run, lifecycle)
    assert what == f"{name} is not set."
    assert advice == "Only a buildpacks lifecycle can run bin/detect and bin/build: use pack build."


def test_a_certificate_binding_without_certificates(lifecycle: Lifecycle) -> None:
    binding = lifecycle.platform / "bindings/company"
    binding.mkdir(parents=True)
    (binding / "type").write_text("ca-certificates")
    (binding / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")

    what, advice = refused(lifecycle.build(ASKED), lifecycle)
    assert what == f'a ca-certificates binding is invalid: "{binding}/ca.pem".'
    assert advice.startswith("Expected: a readable PEM file of certificates (")


def test_a_binding_without_a_type(lifecycle: Lifecycle) -> None:
    (lifecycle.platform / "bindings/company").mkdir(parents=True)

    what, advice = refused(lifecycle.build(ASKED), lifecycle)
    assert what == f'bindings is invalid: "{lifecycle.platform}/bindings".'
    assert advice.startswith("Expected: readable directories, each with a UTF-8 file `type` (")


def test_a_plan_that_cannot_be_written(lifecycle: Lifecycle) -> None:
    lifecycle.plan.unlink()
    lifecycle.plan.mkdir()

    what, advice = refused(lifecycle.detect(ASKED), lifecycle)
    assert what == f"Cannot write to {lifecycle.plan}: Is a directory."
    assert advice == "Give the build more disk space, or check the directory's permissions."

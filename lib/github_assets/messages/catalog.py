"""The ids of all errors, and what docs/errors.md says about each: the one table that knows them.

A new type of error gets the next id of its group. The id of one that is removed goes to RETIRED, with its name: an id
never gets another meaning. Only imported to print an error, and by docs/errors.py, which writes the page.
"""

from __future__ import annotations

from typing import NamedTuple

from github_assets.errors import CannotWrite, GithubAssetsError, Interrupted, OutputUnavailable
from github_assets.errors import buildpack as buildpack
from github_assets.errors import config as config
from github_assets.errors import github as github
from github_assets.errors import http as http
from github_assets.errors import install as install
from github_assets.errors import resolution as resolution
from github_assets.errors import selection as selection
from github_assets.errors import transfer as transfer
from github_assets.locations import Location, ShortSpec, Variables, YamlTable

PAGE = "https://github.com/cage1016/github-assets-cnb/blob/main/docs/errors.md"
INTERNAL = "GHA001"
"""A bug in this program; any exception that is not ours."""
RETIRED: dict[str, str] = {}
"""Ids that are no longer in use, and the names of the types that had them."""


class Entry(NamedTuple):
    """A type of error."""

    id: str
    example: GithubAssetsError
    """One of this type; the page shows its message."""
    cause: str
    remedy: str


_PROBE = "grpc-ecosystem/grpc-health-probe"
_FILE = "grpc_health_probe-linux-amd64"
_ARCHIVE = "tool-1.2.0-linux-amd64.tar.gz"
_API, _WEB, _STORE = "api.github.com", "github.com", "release-assets.githubusercontent.com"
_REPO = Variables(
    "REPO in the environment",
    (("repo", _PROBE),),
    (
        *((name, name.upper()) for name in ("repo", "version", "file", "target", "token")),
        ("executable", "BP_GITHUB_ASSET_EXECUTABLE"),
    ),
)
_OF_VERSION, _OF_FILE = (_REPO._replace(asset=((key, "x"),)) for key in ("version", "file"))
_TABLE = Location("[[assets]] number 1 in github-assets.toml")
_YAML = YamlTable("assets number 1 in github-assets.yaml")
_SPEC = ShortSpec("BP_GITHUB_ASSETS item 1", (("repo", "octo/tool"),))
_RELEASE = f"{_PROBE} v0.4.45"
_TOOL = "octo/tool v1.2.0"
_FORMATS = ("tar.zst", "tar.xz", "tar.gz", "tar.bz2", "tar", "zip", "zst", "xz", "gz", "bz2")
_DIGEST, _OTHER = (digits * 16 for digits in ("1f3a", "c07d"))

GROUPS = {
    "0": "In general",
    "1": "The configuration",
    "2": "Requests",
    "3": "GitHub",
    "4": "The choice of release and asset",
    "5": "Downloads and mirrors",
    "6": "Archives and executables",
    "7": "Lock file, verification and attestations",
}
"""What the ids of a group have in common, by their first digit."""

ENTRIES = (
    Entry(
        "GHA002",
        CannotWrite(path="/layers/cage1016_github-assets-cnb/github-assets", reason="No space left on device"),
        "A file or directory could not be written. The reason is the operating system's.",
        "Free disk space where the build runs, or give it a larger volume. If the reason is a permission, check who"
        " owns the directory: a lifecycle runs buildpacks as the user of the build image.",
    ),
    Entry(
        "GHA003",
        OutputUnavailable(reason="No space left on device", closed=False),
        "Standard output or standard error cannot be written to, so that neither log nor results could be printed.",
        "Free some disk space, or redirect the output to another place.",
    ),
    Entry(
        "GHA004",
        Interrupted(signal=15),
        "The process received SIGTERM (15) or SIGINT (2): somebody cancelled the build, or the platform's time limit"
        " for it was exceeded. Everything that was half-written has been removed.",
        "Build again. If the platform ends builds that take long, raise its limit.",
    ),
    Entry(
        "GHA005",
        buildpack.NotRunByLifecycle(name="CNB_LAYERS_DIR"),
        "`bin/detect` or `bin/build` was started without the variables that every lifecycle sets.",
        "Build with `pack build` or another platform. To see what would be installed without building, use"
        " `github-assets resolve`.",
    ),
    Entry(
        "GHA101",
        config.SettingInvalid(
            where="REPO",
            value="grpc-health-probe",
            expected="owner/name, such as grpc-ecosystem/grpc-health-probe, or https://github.com/owner/name",
            shared_name=True,
        ),
        "The value of a variable, or of a key in a file, is not valid. A value that may be a secret is not shown.",
        "Correct the value; the message says what is expected. [settings.md](settings.md) and [assets.md](assets.md)"
        " describe every setting.",
    ),
    Entry(
        "GHA102",
        config.ValueQuoted(setting="TARGET"),
        "The value of a variable starts with a quotation mark. A shell would have removed the quotes, but env files,"
        " pipelines and project.toml pass them on.",
        'Write `TARGET=grpc_health_probe` instead of `TARGET="grpc_health_probe"`.',
    ),
    Entry(
        "GHA103",
        config.SettingMissing(name="REPO", because="FILE and TARGET are set", similar=None),
        "Settings of an asset are there, but not the repository that it comes from.",
        "Set `REPO`. If the other variables belong to another tool, set `BP_GITHUB_ASSET_REPO` to the empty string.",
    ),
    Entry(
        "GHA104",
        config.VariableUnknown(name="BP_GITHUB_ASSET_VERSON", nearest="BP_GITHUB_ASSET_VERSION"),
        "A variable starts with `BP_GITHUB_ASSET`, but there is no such variable.",
        "Correct its name. Options that have no variable are keys of an asset in a file: see [assets.md](assets.md).",
    ),
    Entry(
        "GHA105",
        config.SettingMistyped(
            where="strip_components of [[assets]] number 1 in github-assets.toml",
            found="a string",
            expected="an integer, without quotes",
        ),
        "A key in a file has a value of the wrong type.",
        "Write the value in the type that the message asks for: numbers and `true` or `false` have no quotes.",
    ),
    Entry(
        "GHA106",
        config.SettingsConflict(
            where="[[assets]] number 1 in github-assets.toml", settings=['extract = "none"', "path"]
        ),
        "Two settings exclude each other.",
        "Remove one of them.",
    ),
    Entry(
        "GHA107",
        config.KeyUnknown(where="github-assets.toml", key="asset", known=["assets"]),
        "A table has a key that this buildpack does not know. It is an error because a misspelled option would"
        " otherwise have no effect.",
        "Correct or remove the key. [assets.md](assets.md#keys) lists all keys.",
    ),
    Entry(
        "GHA108",
        config.KeyMissing(source=_TABLE, key="repo"),
        "An asset in a file has no repository.",
        "Add the `repo` key to its table.",
    ),
    Entry(
        "GHA109",
        config.FileUnreadable(
            file="github-assets.toml",
            reason="Expected '=' after a key in a key/value pair (at line 2, column 6)",
            excerpt=(2, 'repo "octo/tool"', 6),
        ),
        "A file cannot be read, or is not valid TOML or YAML. What may be a secret in the line is replaced by `*`.",
        "Correct the line. An editor that knows the format shows where it goes wrong, too.",
    ),
    Entry(
        "GHA110",
        config.MergeConflict(file="github-assets.toml", line=3),
        "Version control could not merge two versions of the file, and somebody committed its marks (`<<<<<<<`).",
        "Resolve the conflict. In `github-assets.lock`, keep either side and run `github-assets lock`.",
    ),
    Entry(
        "GHA111",
        config.ApplicationPath(where="SSL_CERT_FILE", path="/workspace/ca.pem"),
        "A setting names certificates, or bindings, in a directory that the application's files can fill. With a"
        " certificate authority of its own, an application could pretend to be GitHub.",
        "Mount the file as a volume, or provide it in a binding. [security.md](security.md) explains who is trusted.",
    ),
    Entry(
        "GHA112",
        config.BindingPublished(path="bindings/github"),
        "The application contains a binding with a token. Everything in the application's directory becomes part of"
        " the image, so that everyone who can pull the image could read the token.",
        "Move the binding out of the application and mount it as a volume. Revoke the token if anyone else has the"
        " source or an image.",
    ),
    Entry(
        "GHA113",
        config.TokenMissing(name="BP_GITHUB_ASSET_TOKEN_OCTO", source=_TABLE),
        "`token_env` of an asset names a variable that is not set.",
        "Pass the variable to the build, or remove `token_env`.",
    ),
    Entry(
        "GHA114",
        config.TargetConflict(
            target="github-assets/bin/tool",
            sources=["[[assets]] number 1 in github-assets.toml", "[[assets]] number 2 in github-assets.toml"],
        ),
        "Two assets would be written to the same file.",
        "Give one of them another `target`, or put it in a layer of its own with `layer`.",
    ),
    Entry(
        "GHA115",
        config.NoAssetsConfigured(),
        "Nothing says which assets to install.",
        "Set `REPO`, or list assets in a file: see [assets.md](assets.md).",
    ),
    Entry(
        "GHA116",
        config.NotEditable(file="github-assets.toml", lines=['{ repo = "octo/tool" },']),
        "`github-assets add` only appends to a file. Here that would not add to the list of assets.",
        "Paste the lines in the message into the list.",
    ),
    Entry(
        "GHA117",
        config.VariableConflict(
            name="JAVA_TOOL_OPTIONS",
            sources=["[[assets]] number 1 in github-assets.toml", "[[assets]] number 2 in github-assets.toml"],
        ),
        "Two assets set the same environment variable of the image, so that one of them would have no effect.",
        "Set it in one of them. `append` and `prepend` can be combined if the assets are in different layers.",
    ),
    Entry(
        "GHA201",
        http.ServerUnreachable(host=_API, reason="unknown host").replace(attempts=5),
        "No connection to the server could be made, or it broke, several times.",
        "Make sure that the build has a network (`pack build --network`), and that firewalls let it reach the"
        " server. If there is a proxy, set `HTTPS_PROXY`. Without any network, use a [mirror](settings.md#mirrors)"
        " and a [lock file](lock.md).",
    ),
    Entry(
        "GHA202",
        http.ProxyFailed(host=_API, proxy="proxy.example.com:3128", reason="the proxy returned status 407"),
        "The proxy cannot be reached, or refused to connect to the server. Status 407 means that it requires user"
        " and password.",
        "Check `HTTPS_PROXY` (`http://user:password@host:port`) and `NO_PROXY`.",
    ),
    Entry(
        "GHA203",
        http.CertificateRefused(host=_API, reason="unable to get local issuer certificate").replace(source=_REPO),
        "The server's certificate is not signed by an authority that the build trusts. Usually a proxy inspects TLS"
        " traffic, or a GitHub Enterprise Server has a certificate of the company.",
        "Provide the authority's certificate in a binding of type `ca-certificates`:"
        " [private-and-closed-networks.md](private-and-closed-networks.md).",
    ),
    Entry(
        "GHA204",
        http.RedirectRefused(host=_WEB, reason="to http:, which is not encrypted"),
        "The server redirected to a URL that is not safe, or redirected too often.",
        "Check `REPO` and `GITHUB_API_URL`. If a proxy answers instead of GitHub, check the proxy.",
    ),
    Entry(
        "GHA205",
        http.ServerFailed(host=_API, status=502).replace(attempts=5),
        "The server has a temporary problem; the request was repeated several times.",
        "Build again later. https://www.githubstatus.com tells whether GitHub has an incident.",
    ),
    Entry(
        "GHA206",
        http.RateLimited(host=_API, authenticated=False),
        "Without a token, GitHub allows 60 API requests per hour and IP address, which many builds may share. With a"
        " token, it allows 5,000.",
        "Set `TOKEN`, or provide a token in a binding. With a [lock file](lock.md), builds make no API request.",
    ),
    Entry(
        "GHA207",
        http.CredentialsRefused(host=_API, authenticated=True, setting="TOKEN").replace(source=_REPO),
        "GitHub does not accept the token: it is wrong, expired or revoked.",
        "Replace the token. If the repository is public, remove it.",
    ),
    Entry(
        "GHA208",
        http.AccessForbidden(
            host=_API,
            reason="saml",
            message="Resource protected by organization SAML enforcement. You must grant your Personal Access token"
            " access to this organization.",
            setting="TOKEN",
        ).replace(source=_REPO),
        "GitHub knows the token, but does not let it read the repository. An organization may require that tokens"
        " are authorized for its single sign-on, or allow only certain IP addresses.",
        "Authorize the token for the organization, or use one that can read the repository's contents.",
    ),
    Entry(
        "GHA209",
        http.NotFound(host=_API, authenticated=True),
        "The server has nothing at the URL.",
        "Check `REPO`, `FILE` and `VERSION`.",
    ),
    Entry(
        "GHA210",
        http.RequestRefused(host=_API, status=451).replace(source=_REPO),
        "The server refused the request with a status that no retry changes.",
        "Check `REPO`, `FILE`, `VERSION` and `GITHUB_API_URL`. Status 451 means that GitHub blocks the repository"
        " for legal reasons.",
    ),
    Entry(
        "GHA211",
        http.InvalidResponse(host=_API, reason="something that is not JSON"),
        "A response of the API is not what GitHub documents. Usually a proxy or another server answers in its place.",
        "Check the proxy, and `GITHUB_API_URL`: for a GitHub Enterprise Server it ends with `/api/v3`.",
    ),
    Entry(
        "GHA212",
        http.ResponseTooLarge(host=_API),
        "A response of the API is larger than any of GitHub's.",
        "Check the proxy and `GITHUB_API_URL`.",
    ),
    Entry(
        "GHA213",
        http.DeadlineExceeded(host=_API, seconds=600.0),
        "All requests of a build together took longer than `BP_GITHUB_ASSETS_TIMEOUT` allows.",
        "Build again, or raise the limit. If the network is always slow, use a [mirror](settings.md#mirrors).",
    ),
    Entry(
        "GHA301",
        github.RepositoryNotFound(repository="grpc-ecosystem/grpc-health-prob", host=_API, authenticated=False).replace(
            source=_REPO
        ),
        "There is no such repository, or it is private and the token cannot read it: GitHub answers 404 to both.",
        "Check the spelling. For a private repository, set `TOKEN` to a token that can read it.",
    ),
    Entry(
        "GHA302",
        github.ReleaseNotFound(repository=_PROBE, tag="v0.4.99", available=["v0.4.45", "v0.4.44"]).replace(
            source=_OF_VERSION
        ),
        "The repository has no release with this tag. Tags without a release do not count: they have no assets.",
        "Choose one of the releases in the message. `1.2.3` also finds `v1.2.3`.",
    ),
    Entry(
        "GHA303",
        github.NoLatestRelease(repository="octo/tool", prereleases=["v2.0.0-rc.1"]).replace(source=_SPEC),
        "GitHub names no release of the repository as its latest: all of them are drafts or pre-releases, or there"
        " are none.",
        "Set `VERSION` to the tag of a pre-release, or `prerelease = true` in a file.",
    ),
    Entry(
        "GHA304",
        github.TokenNotForHost(setting="BP_GITHUB_ASSET_TOKEN_OCTO", host="ghe.example.com", hosts=[_API]),
        "An asset comes from a server that only the application names, and a token would be sent there. An"
        " application must not decide who gets the platform's tokens.",
        "If the token is for that server, say so where the token is set: `GH_HOST`, or `host` of the binding."
        " [security.md](security.md) has the rules.",
    ),
    Entry(
        "GHA401",
        selection.AssetNotFound(
            repository=_PROBE,
            tag="v0.4.45",
            name="grpc_health_probe-linux-x64",
            available=[_FILE, "grpc_health_probe-linux-arm64", "checksums.txt"],
        ).replace(source=_OF_FILE),
        "The release has no asset with the name, or none that matches the pattern, in `FILE`.",
        "Paste one of the lines in the message, or leave `FILE` out: the asset is chosen by platform then.",
    ),
    Entry(
        "GHA402",
        selection.NoAssetForPlatform(
            repository="octo/tool",
            tag="v1.2.0",
            platform="linux/amd64",
            available=["tool-linux-arm64", "tool-darwin-arm64"],
        ).replace(source=_TABLE),
        "Judging by their names, no asset of the release is for the image's platform.",
        "If one of them is, set `FILE` to it. Otherwise build for a platform that the release supports (`pack build"
        " --platform`), or choose another release.",
    ),
    Entry(
        "GHA403",
        selection.AssetAmbiguous(
            repository="octo/tool",
            tag="v1.2.0",
            platform="linux/amd64",
            candidates=["client-linux-amd64", "server-linux-amd64"],
        ).replace(source=_YAML),
        "Several assets fit the platform, and their names do not tell which of them is meant.",
        "Paste one of the lines in the message.",
    ),
    Entry(
        "GHA404",
        selection.NoMatchingRelease(
            repository=_PROBE,
            version="^1.2",
            tag_pattern=None,
            left_out=[],
            available=["v0.4.45", "v0.4.44"],
            looked_at=2,
        ).replace(source=_OF_VERSION),
        "No release is in the range of `VERSION`, or all of those that are were skipped because of `prerelease`,"
        " `tag_pattern` or `min_age`.",
        "Choose another range, or one of the releases in the message.",
    ),
    Entry(
        "GHA405",
        selection.ExpressionTooSlow(key="file", expression="/(a+)+$/").replace(source=_REPO),
        "A regular expression takes too long to match the names of a release.",
        "Avoid repetition within repetition, such as `(a+)+`, or use a glob.",
    ),
    Entry(
        "GHA406",
        selection.AssetNotUploaded(repository=_PROBE, tag="v0.4.45", name=_FILE, state="starter").replace(source=_REPO),
        "GitHub lists the asset, but its upload is not finished, or has failed.",
        "Build again in a few minutes. If the problem persists, the owners of the repository must upload the asset"
        " again.",
    ),
    Entry(
        "GHA501",
        transfer.SizeMismatch(name=_FILE, host=_STORE, expected=14_000_000, received=9_000_000).replace(
            source=_REPO, release=_RELEASE
        ),
        "The download has another size than the asset has according to GitHub.",
        "Build again. If it happens every time, a proxy alters or truncates downloads.",
    ),
    Entry(
        "GHA502",
        transfer.DigestMismatch(
            name=_FILE,
            host=_STORE,
            expected=f"sha256:{_DIGEST}",
            received=f"sha256:{_OTHER}",
            verified_by="GitHub's digest",
        ).replace(source=_REPO, release=_RELEASE),
        "The download does not have the expected digest. The message says in parentheses where that digest is from:"
        " GitHub, a checksum file of the release, the lock file, or the configuration.",
        "Do not work around it before you know the reason. The asset may have been replaced after its digest was"
        " recorded, a mirror may hold other bytes, or a proxy may alter downloads.",
    ),
    Entry(
        "GHA503",
        transfer.AssetChanged(name=_FILE, host=_STORE).replace(source=_REPO, release=_RELEASE),
        "Parts of the asset that were downloaded one after the other belong to different versions of it.",
        "Build again. If it happens every time, a proxy alters downloads.",
    ),
    Entry(
        "GHA504",
        transfer.RangeMismatch(
            name=_FILE,
            host=_STORE,
            asked="bytes 1048576-2097151",
            sent="bytes 0-2097151/14000000",
        ).replace(source=_REPO, release=_RELEASE),
        "The server sent another part of the asset than was asked for.",
        "Build again. If it happens every time, check the proxy.",
    ),
    Entry(
        "GHA505",
        transfer.StorageRefused(name=_FILE, host=_STORE, status=403).replace(source=_REPO, release=_RELEASE),
        "GitHub's API gave a signed URL for the asset, and the storage behind it refused that URL.",
        "Check the proxy, and the clock of the machine: signed URLs are valid for minutes. Build again later.",
    ),
    Entry(
        "GHA506",
        transfer.PageInsteadOfAsset(name=_FILE, host=_WEB).replace(source=_REPO, release=_RELEASE),
        "The server sent a web page instead of the asset, such as a login page or the error page of a proxy.",
        "Check the proxy. For a private repository, set `TOKEN`.",
    ),
    Entry(
        "GHA507",
        transfer.NotOnMirror(
            url=f"https://mirror.example.com/none/{_PROBE}/releases/download/v0.4.45/{_FILE}",
            setting="BP_DEPENDENCY_MIRROR",
        ).replace(source=_REPO, release=_RELEASE),
        "The mirror does not have the asset. It is not downloaded from anywhere else: a mirror may be there to"
        " control what enters an image.",
        "Upload the asset to the mirror at this path. `github-assets mirror` writes a directory with all of them.",
    ),
    Entry(
        "GHA508",
        transfer.FolderNotMirror(setting="BP_DEPENDENCY_MIRROR", folder="/workspace"),
        "A variable names a local directory that is not a mirror. If this were allowed, a build variable could copy"
        " any file of the build into the image.",
        "Mount the mirror as a volume, or name the directory in a binding: see [settings.md](settings.md#mirrors).",
    ),
    Entry(
        "GHA509",
        transfer.FolderNeedsDigest(setting="BP_DEPENDENCY_MIRROR", name=_FILE).replace(source=_REPO),
        "A local mirror has the file, but nothing says what its content has to be.",
        "Write a [lock file](lock.md), or set `sha256` of the asset.",
    ),
    Entry(
        "GHA601",
        install.ArchiveUnsupported(
            archive="tool-linux-amd64.7z",
            format="7z",
            alternatives=_FORMATS,
        ).replace(source=_TABLE, release=_TOOL),
        "The asset is an archive of a format that is not unpacked.",
        'Choose another asset of the release, or install the archive as it is with `extract = "none"`.',
    ),
    Entry(
        "GHA602",
        install.ArchiveCorrupt(archive=_ARCHIVE, reason="the gz data is truncated").replace(
            source=_TABLE, release=_TOOL
        ),
        "The archive is damaged, or is not what its name says. Its bytes are those that GitHub has.",
        "Report it to the owners of the repository, and use another release until it is fixed.",
    ),
    Entry(
        "GHA603",
        install.ArchiveEncrypted(archive="tool-linux-amd64.zip", entry="tool").replace(source=_TABLE, release=_TOOL),
        "A password is needed to unpack the archive.",
        "Choose another asset.",
    ),
    Entry(
        "GHA604",
        install.ArchiveUnsafe(
            archive=_ARCHIVE,
            entry="bin/tool",
            reason="it links to a path outside the archive",
        ).replace(source=_TABLE, release=_TOOL),
        "A link in the archive leads out of the layer, or to itself.",
        "Report it to the owners of the repository.",
    ),
    Entry(
        "GHA605",
        install.ArchiveEntryInvalid(archive=_ARCHIVE, entry="dev/null", reason="it is a device").replace(
            source=_TABLE, release=_TOOL
        ),
        "An entry of the archive is something that no file in a layer can be, or its name is not valid.",
        "Select the files that you need with `path`.",
    ),
    Entry(
        "GHA606",
        install.ArchiveTooLarge(archive=_ARCHIVE, what="ratio", limit=1000).replace(source=_TABLE, release=_TOOL),
        "The archive unpacks to more than any useful archive does.",
        "Choose another asset. If the archive is right, please open an issue.",
    ),
    Entry(
        "GHA607",
        install.EntryNotFound(archive=_ARCHIVE, patterns=["bin/tol"], available=["bin/tool", "README.md"]).replace(
            source=_TABLE, release=_TOOL
        ),
        "Nothing in the archive has a name that `path` matches.",
        "Paste one of the lines in the message.",
    ),
    Entry(
        "GHA608",
        install.NoProgramInArchive(archive=_ARCHIVE, available=["README.md", "schema.json"]).replace(
            source=_TABLE, release=_TOOL
        ),
        "No file in the archive can be executed.",
        'Choose another asset, or install all files of the archive with `extract = "all"`.',
    ),
    Entry(
        "GHA609",
        install.ProgramNotFound(archive=_ARCHIVE, name="tol", available=["tool", "toolctl"]).replace(
            source=_TABLE, release=_TOOL
        ),
        "No executable in the archive has the name in `target`.",
        "Paste one of the lines in the message.",
    ),
    Entry(
        "GHA610",
        install.ProgramAmbiguous(archive=_ARCHIVE, name="tool", candidates=["v1/tool", "v2/tool"]).replace(
            source=_TABLE, release=_TOOL
        ),
        "Several executables in the archive could be the one that `target` names.",
        "Paste one of the lines in the message.",
    ),
    Entry(
        "GHA611",
        install.ArchiveEmpty(archive=_ARCHIVE, strip_components=3, deepest="tool-1.2.0/bin/tool").replace(
            source=_TABLE, release=_TOOL
        ),
        "The archive has no files, or `strip_components` removes more directories than there are.",
        "Lower `strip_components`, or choose another asset.",
    ),
    Entry(
        "GHA612",
        install.NotExecutable(
            file="checksums.txt", reason="it is text that does not begin with a #! line", instead=_FILE
        ).replace(source=_REPO, release=_RELEASE),
        "The asset is not something that Linux can execute.",
        "Choose another asset. If it need not be executed, say so with `executable = false`.",
    ),
    Entry(
        "GHA613",
        install.ForeignExecutable(
            file="tool-linux-arm64", found="linux/arm64", wanted="linux/amd64", instead="tool-linux-amd64"
        ).replace(source=_TABLE, release=_TOOL),
        "The executable is for another operating system or processor than the image. It is read from the file"
        " itself, not from its name.",
        "Choose the asset for the image's platform, use `{arch}` in `FILE`, or leave `FILE` out.",
    ),
    Entry(
        "GHA614",
        install.PathConflict(path="lib/libtool.so").replace(source=_TABLE, release=_TOOL),
        "Two assets in one layer have a file at the same path.",
        "Put one of them in a layer of its own with `layer`.",
    ),
    Entry(
        "GHA701",
        resolution.LockInvalid(
            where="format of github-assets.lock", reason="is not 1, the only one that this version supports"
        ),
        "`github-assets.lock` is not a valid lock file: somebody edited it, or a newer version wrote it.",
        "Restore it from version control, or write it anew with `github-assets lock --upgrade`.",
    ),
    Entry(
        "GHA702",
        resolution.LockOutdated(
            file="github-assets.lock",
            differences=["octo/tool latest (BP_GITHUB_ASSETS item 1) is not locked"],
            command="github-assets lock",
        ),
        "The configuration has changed since the lock file was written.",
        "Run the command in the message, and commit the file.",
    ),
    Entry(
        "GHA703",
        resolution.LockMismatch(
            file="github-assets.lock",
            differences=[f"{_RELEASE} {_FILE}: sha256 is {_OTHER}, locked as {_DIGEST}"],
            command=f"github-assets lock --accept {_PROBE}",
        ),
        "GitHub has other assets than those that are locked: the release was changed after the lock file was written.",
        "Find out why before you accept it: replaced assets are what a lock file is there to notice.",
    ),
    Entry(
        "GHA704",
        resolution.FolderMismatch(
            folder="mirror",
            file="github-assets.lock",
            differences=[f"{_PROBE}/releases/download/v0.4.45/{_FILE} is missing"],
            command="github-assets mirror mirror",
        ),
        "A directory of assets does not have what the lock file says.",
        "Run the command in the message.",
    ),
    Entry(
        "GHA705",
        resolution.NothingToVerify(file="github-assets.lock", platforms=["linux/arm64"]),
        "The lock file has no asset for the platforms that were asked for.",
        "Name a platform that is locked, or lock this one: `github-assets lock --platform`.",
    ),
    Entry(
        "GHA706",
        resolution.UnexpectedChange(
            file="github-assets.lock",
            differences=[f"{_RELEASE} {_FILE}: sha256 is {_OTHER}, locked as {_DIGEST}"],
            command=f"github-assets lock --accept {_PROBE}",
        ),
        "While the lock file was being updated, GitHub turned out to have something else behind a name that is"
        " locked, and no newer release explains it.",
        "Find out why before you accept it.",
    ),
    Entry(
        "GHA707",
        resolution.RepositoryNotConfigured(option="--accept", name="octo/tol", known=[_PROBE]),
        "An option names a repository of which no asset is configured.",
        "Correct the name.",
    ),
    Entry(
        "GHA708",
        resolution.ConfiguredDigestMismatch(
            where="sha256 of [[assets]] number 1 in github-assets.toml",
            repository=_PROBE,
            tag="v0.4.45",
            name=_FILE,
            configured=_OTHER,
            published=_DIGEST,
        ).replace(source=_TABLE),
        "The `sha256` in the configuration is not the digest that GitHub publishes for the asset.",
        "If you changed the version, update `sha256`. If not, find out why GitHub has other bytes.",
    ),
    Entry(
        "GHA709",
        resolution.LockMissing(file="github-assets.lock", command="github-assets lock"),
        "A command needs a lock file, and there is none.",
        "Run `github-assets lock`, and commit the file.",
    ),
    Entry(
        "GHA710",
        resolution.UnverifiedAsset(required_by="verify", repository=_PROBE, tag="v0.4.45", name=_FILE, source=_TABLE),
        "A setting requires that the asset is verified, but neither GitHub nor the release has a checksum for it.",
        "Check the asset yourself, and set its `sha256`; or drop the setting.",
    ),
    Entry(
        "GHA711",
        resolution.NotAttested(
            where="minimum of [[assets]] number 1 in github-assets.toml", repository=_PROBE, file="github-assets.lock"
        ),
        "A setting requires that the owners of the repository have signed the asset. Builds read that from the lock"
        " file, which has no attestation of it.",
        "Run `github-assets lock`, which verifies attestations and records them.",
    ),
    Entry(
        "GHA712",
        resolution.AttestationRefused(name=_FILE, reason="its signature is not valid"),
        "The asset has an attestation, and it is not valid.",
        "If a workflow of another repository builds these releases, allow it with `--signer`. Otherwise report it to"
        " the owners of the repository.",
    ),
    Entry(
        "GHA713",
        resolution.AttestationMissing(repository=_PROBE, tag="v0.4.45", name=_FILE, required_by="--attestations"),
        "An option or setting requires attestations, and the repository publishes none for the asset.",
        "Drop the requirement, or ask the owners of the repository to publish attestations.",
    ),
    Entry(
        "GHA714",
        resolution.ExtraMissing(extra="attestations"),
        "A command needs packages that are only installed with one of the extras.",
        "Install the command line with the extra.",
    ),
    Entry(
        "GHA715",
        resolution.ImageMismatch(
            image="app.tar",
            file="github-assets.lock",
            differences=[f"{_RELEASE} {_FILE}: sha256 is {_OTHER}, locked as {_DIGEST}"],
        ),
        "An image was built with other assets than those that are locked.",
        "Build the image again. If it still differs, find out which lock file it is built with.",
    ),
)
_IDS = {type(entry.example): entry.id for entry in ENTRIES}


def id_of(error: GithubAssetsError) -> str:
    """Return the id of an error's type."""
    return _IDS[type(error)]


def address(id_: str) -> str:
    """Return the address of an id's section in docs/errors.md."""
    return f"{PAGE}#{id_.lower()}"

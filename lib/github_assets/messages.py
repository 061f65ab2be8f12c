"""Every error as text: what happened, and what to do."""

from __future__ import annotations

import time
from collections.abc import Sequence

from github_assets import errors as e

_LISTED = 10
_ISSUES = "https://github.com/cage1016/github-assets-cnb/issues"
_TOKEN_HINT = "set TOKEN to a token that may read it (fine-grained: Contents, read-only)"  # noqa: S105


def message(error: e.GithubAssetsError) -> str:
    """Return what the user reads when the run ends because of the error."""
    what, advice = _explain(error)
    tries = f" ({error.attempts} attempts)" if error.attempts > 1 else ""
    return f"ERROR: {what}{tries}\n{advice}" if advice else f"ERROR: {what}{tries}"


def headline(error: e.GithubAssetsError) -> str:
    """Return what happened, in one line."""
    return _explain(error)[0].partition("\n")[0]


def unexpected(error: Exception) -> str:
    """Return what the user reads when the fault is this program's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "unknown"
    return (
        f"ERROR: the buildpack itself failed: {type(error).__name__} at {place}\n"
        f"Please report this line and the lines above it at {_ISSUES}."
    )


def _explain(error: e.GithubAssetsError) -> tuple[str, str]:
    match error:
        case e.SettingInvalid():
            return f"{error.where} has the value {_quoted(error.value)}.", f"Expected: {error.expected}."
        case e.SettingMissing():
            return (
                f"{error.name} is not set, although {error.because}.",
                f"Set it: --env {error.name}=owner/name, or [[build.env]] in project.toml.",
            )
        case e.SettingMistyped():
            return f"{error.where} is {error.found}.", f"Expected: {error.expected}."
        case e.SettingsConflict():
            return f"{error.where} has both {' and '.join(error.settings)}.", "Keep one of them."
        case e.KeyUnknown():
            if error.key.lower() == "token":
                return f"{error.where} holds a token.", "Take it out: token_env names the variable that it stands in."
            nearest, *more = (_quoted(key) for key in error.known)
            others = f" There are also {', '.join(more)}." if more else ""
            return f"{error.where} has an unknown key {_quoted(error.key)}.", f"Did you mean {nearest}?{others}"
        case e.KeyMissing():
            return f"{error.where} has no {error.key}.", f'Set it: {error.key} = "owner/name".'
        case e.FileUnreadable():
            return f"{error.file} can't be read: {error.reason}.", "Correct it, or remove it."
        case e.TokenMissing():
            return (
                f"{error.name} is not set, although {error.source} names it in token_env.",
                f"Set it for the build (pack build --env {error.name}), or remove token_env.",
            )
        case e.AssetNotFound():
            return (
                f"{error.repository} {error.tag} has no asset {_quoted(error.name)}.",
                _list("The release has", error.available, "FILE") or "The release has no assets at all.",
            )
        case e.NoAssetForPlatform():
            return (
                f"no asset of the release is for {error.platform}.",
                _list("The release has", error.available, "FILE") or "The release has no assets at all.",
            )
        case e.AssetAmbiguous():
            return (
                f"several assets are equally good for {error.platform}.",
                _list("Choose one of", error.candidates, "FILE"),
            )
        case e.NoMatchingRelease():
            pattern = f" with a tag like {_quoted(error.tag_pattern)}" if error.tag_pattern else ""
            left_out = [f"Left out, as {reason}: {tag}" for tag, reason in error.left_out]
            more = [f"… and {len(left_out) - _LISTED} more left out"] if len(left_out) > _LISTED else []
            available = _list("It has", error.available, "VERSION")
            return (
                f"{error.repository} has no release {_quoted(error.version)}{pattern} among {error.looked_at}.",
                "\n".join([*left_out[:_LISTED], *more, *([available] if available else [])])
                or "It has no releases at all.",
            )
        case e.LockInvalid():
            return (
                f"{error.where} {error.reason}.",
                "Take the file from version control again, or make it anew: github-assets lock --upgrade.",
            )
        case e.LockOutdated():
            return (
                "\n  ".join([f"{error.file} does not fit the configuration:", *error.differences]),
                f"Bring it up to date, and commit it: {error.command}",
            )
        case e.LockUnlike():
            return (
                "\n  ".join([f"GitHub no longer has what {error.file} holds:", *error.differences]),
                f"Find out why; then take what there is now: {error.command}",
            )
        case e.FilesUnlikeLock():
            return (
                "\n  ".join([f"{error.folder} does not hold what {error.file} does:", *error.differences]),
                f"Fetch it: {error.command}",
            )
        case e.LockMissing():
            return f"there is no {error.file}.", f"Write it: {error.command}"
        case e.ServerUnreachable():
            return (
                f"{error.host} can't be reached: {error.reason}.",
                "Check the network of the build (pack build --network) and its HTTPS_PROXY and NO_PROXY.",
            )
        case e.CertificateRefused():
            return (
                f"the certificate of {error.host} is not trusted: {error.reason}.",
                "If a company's proxy or GitHub signs it, bind its authority's PEM file"
                " (a binding of type ca-certificates), or name it in SSL_CERT_FILE.",
            )
        case e.RedirectRefused():
            return f"{error.host} redirects {error.reason}.", "Check REPO, GITHUB_API_URL and the proxy."
        case e.ServerFailed():
            return (
                f"{error.host} answers {error.status}.",
                "The fault is the server's: see https://www.githubstatus.com, and build again later.",
            )
        case e.RateLimited():
            until = time.strftime("%H:%M:%S UTC", time.gmtime(time.time() + error.wait))
            when = f" until {until}" if error.wait else ""
            advice = (
                "Build again then."
                if error.authenticated
                else f"Build again then, or {_TOKEN_HINT}: its limit is higher."
            )
            return f"{error.host} refuses more requests{when} (rate limit).", advice
        case e.CredentialsRefused():
            if error.authenticated:
                return (
                    f"{error.host} does not know the token (401).",
                    f"{error.setting} is wrong, expired or revoked: replace it.",
                )
            return f"{error.host} asks for a token (401).", f"Please {_TOKEN_HINT}."
        case e.AccessForbidden():
            advice = {
                "saml": f"Authorize {error.setting} for the organization's single sign-on,"
                " at github.com/settings/tokens.",
                "ip": "The organization allows only some IP addresses: build from one of them.",
            }.get(error.reason, f"Check REPO, and what the token may do: {_TOKEN_HINT}.")
            said = f": {error.message}" if error.message else ""
            return f"{error.host} forbids it (403){said}", advice
        case e.NotFound():
            return f"{error.host} answers 404.", "Check REPO, FILE and VERSION."
        case e.RequestRefused():
            return (
                f"{error.host} answers {error.status}.",
                "Check REPO, FILE and VERSION, and GITHUB_API_URL where it is set.",
            )
        case e.AnswerUnreadable():
            return (
                f"{error.host} answers {error.reason}.",
                "Check GITHUB_API_URL where it is set, and the proxy.",
            )
        case e.DeadlinePassed():
            return (
                f"the time for all requests, {error.seconds:g} s, was over while {error.host} was sending.",
                "Build again, or set BP_GITHUB_ASSETS_TIMEOUT to more seconds.",
            )
        case e.RepositoryNotFound():
            advice = (
                "Check its name; if it is private, the token must be allowed to read it."
                if error.authenticated
                else f"Check its name; if it is private, {_TOKEN_HINT}."
            )
            return f"{error.host} knows no repository {error.repository} (404).", advice
        case e.ReleaseNotFound():
            return (
                f"{error.repository} has no release {_quoted(error.tag)}.",
                _list("It has", error.available, "VERSION") or "It has no releases at all.",
            )
        case e.NoLatestRelease():
            return (
                f"{error.repository} has no latest release: only drafts and pre-releases, or none.",
                _list("It has the pre-releases", error.prereleases, "VERSION") or "Check REPO.",
            )
        case e.AssetNotUploaded():
            return (
                f"{error.name} of {error.repository} {error.tag} is in the state {_quoted(error.state)}:"
                " its upload has not ended.",
                "Build again later, or set VERSION to an earlier release.",
            )
        case e.SizeMismatch():
            return (
                f"{error.host} sent {error.received} bytes of {error.name}, which has {error.expected}.",
                "Build again; if it stays so, a proxy on the way changes the file.",
            )
        case e.DigestMismatch():
            return (
                f"{error.host} sent other bytes for {error.name} than {error.vouched_by} says.\n"
                f"  expected {error.expected}\n  received {error.received}",
                "Nothing was installed. Build again; if it stays so, report it to the repository's owners.",
            )
        case e.AssetChanged():
            return (
                f"{error.host} has another version of {error.name} than a moment ago.",
                "Build again: the asset is being replaced, or a proxy on the way changes it.",
            )
        case e.RangeMismatch():
            return (
                f"{error.host} sent {_quoted(error.sent)} of {error.name} where {_quoted(error.asked)} was asked for.",
                "Build again; if it stays so, a proxy on the way is at fault.",
            )
        case e.StorageRefused():
            return (
                f"{error.host}, GitHub's storage, refuses {error.name} ({error.status}).",
                "The API and the token are not at fault: build again later, and check the proxy and the clock.",
            )
        case e.PageInsteadOfAsset():
            return (
                f"{error.host} sent a web page instead of {error.name}.",
                f"A proxy's or a login's page: check the proxy; if the repository is private, {_TOKEN_HINT}.",
            )
        case e.NotOnMirror():
            return (
                f"{error.url} does not exist, or may not be read.",
                f"{error.setting} says that the asset is there: put it there, or correct {error.setting}.",
            )
        case e.NothingVouches():
            return (
                f"nothing vouches for {error.name} of {error.repository} {error.tag}, and verify demands it.",
                "Set sha256 for this asset, after you have checked it.",
            )
        case e.AttestationRefused():
            hint = (
                "GitHub's own authority signs releases and what private repositories make: give its trusted root,"
                " a file that gh attestation trusted-root prints, with --trusted-root."
            )
            advice = "Report it to the repository's owners."
            if "no trusted root" in error.reason:
                advice = hint
            elif error.reason.startswith("it is signed by https://github.com/"):
                advice = "If its releases are rightly made by that repository's workflow, name it with --signer."
            return f"the attestation of {error.name} is not valid: {error.reason}.", advice
        case e.AttestationMissing():
            return (
                f"{error.name} of {error.repository} {error.tag} has no attestation.",
                "Leave out --attestations=required, or ask the repository's owners for attestations.",
            )
        case e.ExtraMissing():
            return (
                f"the packages of the extra {error.extra} are not installed.",
                f'Install them: pip install "github-assets-cnb[{error.extra}]".',
            )
        case e.SeveralFailed():
            return (
                f"{len(error.errors)} assets failed:\n" + "\n".join(_indented(message(each)) for each in error.errors),
                "",
            )
        case e.NotInBuild():
            return (
                f"{error.name} is not set.",
                "bin/detect and bin/build are run by a lifecycle: use pack build -b.",
            )
        case e.CannotWrite():
            return (
                f"{error.path} can't be written: {error.reason}.",
                "Give the build more disk, or check who owns the directory.",
            )
        case e.TargetTaken():
            return (
                f"{error.target} would be written twice, for {' and '.join(error.sources)}.",
                "Set another target for one of them.",
            )
        case e.ArchiveUnsupported():
            return (
                f"{error.archive} is a {error.format} archive, which can't be unpacked.",
                f"What can: {', '.join(error.alternatives)}. If the release has one of them, set FILE to it.",
            )
        case e.ArchiveEncrypted():
            return f"{error.archive} is encrypted: {_quoted(error.entry)}.", "Choose another asset: set FILE."
        case e.ArchiveCorrupt():
            return f"{error.archive} can't be unpacked: {error.reason}.", "Report it to the repository's owners."
        case e.ArchiveUnsafe():
            return (
                f"{error.archive} is not safe to unpack: {_quoted(error.entry)}, {error.reason}.",
                "Nothing of it was installed. Report it to the repository's owners.",
            )
        case e.ArchiveTooLarge():
            return (
                f"{error.archive} unpacks to too much: {error.what}, more than {error.limit}.",
                "Nothing of it was installed. Choose what is needed with path, or another asset with FILE.",
            )
        case e.ArchiveWithout():
            return (
                f"{error.archive} has no {_quoted(error.wanted)}.",
                _list("It has", error.available, "TARGET") or "It is empty.",
            )
        case e.ArchiveAmbiguous():
            return (
                f"{error.archive} has several {_quoted(error.target)}.",
                _list("Choose one of them with path", error.candidates, "path"),
            )
        case e.ElfMalformed():
            return f"{error.file} is a damaged program: {error.reason}.", "Report it to the repository's owners."
        case e.ForeignExecutable():
            advice = (
                f"Set FILE={error.instead}, or leave FILE out." if error.instead else "The release has none for it."
            )
            return f"{error.file} is a program for {error.found}; the image is for {error.wanted}.", advice
        case e.PlaceTaken():
            return (
                f"{error.path} of the layer is taken by another asset.",
                "Give one of them a layer or a folder of its own.",
            )
        case e.Interrupted():
            return f"stopped by signal {error.signal}; nothing was installed.", ""
    raise TypeError(type(error).__name__)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.removeprefix("ERROR: ").split("\n"))


def _quoted(text: str) -> str:
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return f'"{shown[:200]}"'


def _list(intro: str, names: Sequence[str], variable: str) -> str:
    if not names:
        return ""
    more = [f"  … and {len(names) - _LISTED} more"] if len(names) > _LISTED else []
    return "\n".join([f"{intro}:", *(f"  {variable}={name}" for name in names[:_LISTED]), *more])

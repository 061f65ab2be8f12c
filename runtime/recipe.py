"""What the bundle is made of, for every architecture; the exact versions are in the two lock files."""

from __future__ import annotations

#: Debian's names of the architectures, which are also the Buildpack specification's, and those of the wheels.
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}

SUITE = "trixie"
PYTHON = "3.13"

#: One Debian package a line, and the shared libraries taken from it (file name patterns). base-files has licence texts.
PACKAGES: dict[str, tuple[str, ...]] = {
    f"python{PYTHON}-minimal": (),
    f"libpython{PYTHON}-minimal": (),
    f"libpython{PYTHON}-stdlib": (),
    # The stubs (pthread, dl, …) and the NSS modules make what the host and the wheels bring bind to this glibc.
    "libc6": (
        *("ld-linux-*.so.*", "libc.so.6", "libm.so.6", "libresolv.so.2"),
        *("libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libanl.so.1"),
        *("libnss_compat.so.2", "libnss_dns.so.2", "libnss_files.so.2"),
    ),
    # glibc opens it when a thread is cancelled; a daemon thread alive at exit aborts without it.
    "libgcc-s1": ("libgcc_s.so.1",),
    "gcc-14-base": (),
    "libssl3t64": ("libssl.so.3", "libcrypto.so.3"),
    # libcrypto needs the library; Debian's pyzstd uses the same one, where the wheels of PyPI bring their own.
    "libzstd1": ("libzstd.so.1",),
    "python3-pyzstd": (),
    "zlib1g": ("libz.so.1",),
    "libbz2-1.0": ("libbz2.so.1.0",),
    "liblzma5": ("liblzma.so.5",),
    "libexpat1": ("libexpat.so.1",),
    "base-files": (),
}

#: What is asked of PyPI; requirements.txt holds these and what they need.
WHEELS = ("toml", "PyYAML", "semantic-version")

#: What nothing here imports, by reason: patterns relative to the library directory. Each must match something.
DROPPED = {
    "development, documentation and tests": """
        test unittest doctest.py pydoc.py pydoc_data pdb.py bdb.py _pyrepl code.py codeop.py cmd.py
        rlcompleter.py trace.py timeit.py profile.py cProfile.py pstats.py modulefinder.py pickletools.py
        argparse.py gettext.py inspect.py ast.py dis.py opcode.py _opcode_metadata.py
        pyclbr.py symtable.py tabnanny.py zipapp.py venv this.py compileall.py antigravity.py __hello__.py
        __phello__ turtle.py EXTERNALLY-MANAGED LICENSE.txt email/architecture.rst tomllib/mypy.ini
        lib-dynload/*test* lib-dynload/xx* lib-dynload/_lsprof.*""",
    "the installation's own description, and other systems": """
        _sysconfigdata_* sysconfig _distutils_system_mod.py site.py _sitebuiltins.py sitecustomize.py platform.py
        importlib/metadata importlib/resources pkgutil.py runpy.py graphlib.py importlib/readers.py
        importlib/simple.py importlib/abc.py
        nturl2path.py _aix_support.py _android_support.py _apple_support.py _ios_support.py _osx_support.py
        lib-dynload/resource.* lib-dynload/termios.* getpass.py""",
    "event loops, processes and interpreters: this product uses threads": """
        subprocess.py concurrent asyncio lib-dynload/_asyncio.* multiprocessing lib-dynload/_multiprocessing.*
        lib-dynload/_posixshmem.* lib-dynload/_interp*""",
    "databases, terminals, foreign functions and XML, and with them their libraries": """
        sqlite3 lib-dynload/_sqlite3.* dbm lib-dynload/_dbm.* shelve.py curses lib-dynload/_curses*
        lib-dynload/readline.* pty.py tty.py ctypes lib-dynload/_ctypes.* lib-dynload/_uuid.* xml xmlrpc
        plistlib.py html _markupbase.py""",
    "servers, cookies, and protocols other than HTTP": """
        wsgiref http/server.py http/cookiejar.py http/cookies.py socketserver.py webbrowser.py
        urllib/error.py urllib/request.py urllib/response.py urllib/robotparser.py
        ftplib.py imaplib.py mailbox.py mimetypes.py netrc.py poplib.py smtplib.py secrets.py uuid.py""",
    "messages: what reads the head of an answer stays": """
        email/mime email/policy.py email/headerregistry.py email/contentmanager.py email/_header_value_parser.py
        email/generator.py""",
    "calculation, object streams and odds and ends": """
        statistics.py fractions.py zoneinfo lib-dynload/_zoneinfo.* pickle.py _compat_pickle.py tracemalloc.py logging
        colorsys.py wave.py optparse.py fileinput.py filecmp.py sched.py dataclasses.py pprint.py configparser.py
        csv.py shlex.py lib-dynload/_decimal.* _strptime.py _pylong.py stringprep.py lib-dynload/mmap.* json/tool.py""",
    "twins of what is there in C or frozen into the program": """
        _pydatetime.py _pydecimal.py _pyio.py _py_abc.py _collections_abc.py abc.py codecs.py io.py
        genericpath.py ntpath.py posixpath.py stat.py zipimport.py importlib/_bootstrap*.py
        importlib/machinery.py importlib/util.py""",
    "character sets of East Asia": "lib-dynload/_codecs_* lib-dynload/_multibytecodec.*",
    "parts of the vendored packages that need others, and their command lines": """
        _yaml yaml/_yaml.* yaml/cyaml.py pyzstd/__main__.py pyzstd/*zstdfile.py pyzstd-*.dist-info
        semantic_version/django_fields.py toml/ordered.py toml/tz.py""",
}

#: All other modules of `encodings` are dropped. cp437 is what zip files use; the rest is what HTTP answers name.
ENCODINGS = (
    *("__init__", "aliases", "ascii", "cp437", "cp1252", "hex_codec", "idna", "iso8859_1", "iso8859_15", "latin_1"),
    *("raw_unicode_escape", "undefined", "unicode_escape", "utf_7", "utf_8", "utf_8_sig"),
    *("utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"),
)

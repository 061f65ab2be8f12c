"""Run by the bundled interpreter in a root: its arguments are ADDRESS CA_FILE; prints one JSON line if all is well."""

import bz2
import importlib
import json
import lzma
import os
import socket
import ssl
import sys
import threading
import tomllib
from pathlib import Path

import pyzstd
import toml
import yaml

address, ca_file = sys.argv[1:]
library = Path(os.__file__).parent

# Every module that is in the package can be imported: nothing was dropped that another one needs.
names = [name for name in sys.meta_path[-2].index if not name.endswith("__main__")]
names += [file.name.split(".")[0] for file in (library / "lib-dynload").iterdir()]
for name in names:
    importlib.import_module(name)

data = bytes(range(256)) * 99
for codec in (lzma, bz2):
    assert codec.decompress(codec.compress(data)) == data
compressor = pyzstd.ZstdCompressor()
assert pyzstd.ZstdDecompressor().decompress(compressor.compress(data) + compressor.flush()) == data
table = {"a": ["ü", "→"]}
assert yaml.load("{a: [ü, →]}", yaml.SafeLoader) == tomllib.loads(toml.dumps(table)) == table

host, port = address.split(":")
plain = socket.create_connection((host, int(port)), timeout=60)
with ssl.create_default_context(cafile=ca_file).wrap_socket(plain, server_hostname=host) as tls:
    protocol = tls.version()
    tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
    with tls.makefile("rb") as response:
        body = response.read().partition(b"\r\n\r\n")[2]
try:
    with (
        socket.create_connection((host, int(port)), timeout=60) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host),
    ):
        stranger = "trusted"
except ssl.SSLCertVerificationError:
    stranger = "refused"

# A daemon thread that is alive at exit makes glibc load libgcc_s.
threading.Thread(target=threading.Event().wait, daemon=True).start()

report = {
    "answer": json.loads(body),
    "stranger": stranger,
    "protocol": protocol,
    "modules": len(names),
    "machine": os.uname().machine,
    "outside": [path for path in sys.path[1:] if not Path(path).is_relative_to(sys.prefix)],
    "bundle": str(Path(sys.prefix)),
    "executable": sys.executable,
    "flags": [sys.flags.isolated, sys.flags.no_site, sys.flags.utf8_mode, sys.flags.dont_write_bytecode],
    "text": "ü→",
    "openssl_conf": os.environ.get("OPENSSL_CONF"),
}
print(json.dumps(report, ensure_ascii=False))

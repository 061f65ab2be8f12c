"""Replaces encodings.idna, by which socket and ssl encode every host name: all that get there are ASCII.

The module's own prepares for others when it is imported, which takes longer than one request on loopback.
"""

import codecs


def _encode(name, errors="strict"):
    return name.encode("ascii", errors), len(name)


def _decode(name, errors="strict"):
    return bytes(name).decode("ascii", errors), len(name)


def getregentry():
    """Return the codec, for encodings.search_function."""
    return codecs.CodecInfo(_encode, _decode, name="idna")

"""Stands in for the codec that sockets encode a host's name with: this product's hosts are ASCII (see `idna`)."""

import codecs


def getregentry() -> codecs.CodecInfo:
    """Return the codec."""
    return codecs.CodecInfo(codecs.ascii_encode, codecs.ascii_decode, name="idna")

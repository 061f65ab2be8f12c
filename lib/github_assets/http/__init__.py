"""Requests and responses: the only package that knows sockets, TLS, proxies, and `file://` URLs."""

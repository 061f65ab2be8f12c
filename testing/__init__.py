"""Shared by tests, examples and benchmarks: a GitHub on loopback, and the toolchain."""

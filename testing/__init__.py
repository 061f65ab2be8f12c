"""What the tests, the examples and the benchmarks share: a GitHub on loopback, and the real parts."""

"""The real parts that the end-to-end tests and `make run` use: pack, the lifecycle, a Docker Engine, images.

Everything is made on demand and kept under `.cache/toolchain/`; asking again for something that is there costs
a few milliseconds. `python3 -m testing.toolchain` does the same from a shell. Standard library only.
"""

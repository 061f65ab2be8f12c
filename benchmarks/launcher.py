"""Runs a command and prints its exit status, its seconds and its peak memory in KB, after what it printed itself.

A process of its own, and small: a child's peak counts from what its parent had in memory when it forked.
"""

import os
import sys
import time

began = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
sys.stderr.write(f"\n{os.waitstatus_to_exitcode(status)} {time.perf_counter() - began} {usage.ru_maxrss}")

"""What bin/detect and bin/build run: `python3 lib/__main__.py detect|build …`.

As a file: to run the folder, Python would import `runpy` and more first. An isolated Python leaves the folder of what
it runs out of its path.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from github_assets.__main__ import main

status = main()
for stream in (sys.stdout, sys.stderr):
    if stream:
        stream.flush()
os._exit(status)  # to take the interpreter apart first would take a tenth of a build's time, and changes nothing

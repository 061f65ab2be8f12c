"""What bin/detect and bin/build run: `python3 lib detect|build …`."""

import sys

from github_assets.__main__ import main

sys.exit(main())

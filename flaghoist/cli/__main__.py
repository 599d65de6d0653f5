"""``python -m flaghoist.cli``."""

import sys

from flaghoist.cli import main

sys.exit(main())

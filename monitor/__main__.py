"""`python -m monitor` is `cubemon`."""

import sys

from monitor.cli import main

sys.exit(main())

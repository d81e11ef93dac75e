"""Run the command line with `python -m milia.cli`."""

import sys

from milia.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())

"""Lets the tests of this folder import the modules that they share: curves, paper_reading."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

"""The README says what the results files say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readme_holds_the_figures_of_the_results():
    assert subprocess.run([sys.executable, ROOT / "benchmarks" / "figures.py", "--check"], check=False).returncode == 0

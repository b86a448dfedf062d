"""`make fuzz`: all property tests again and again with new seeds and many examples, for SECONDS (default 120)."""

import os
import subprocess
import sys
import time
from pathlib import Path

SECONDS = float(os.environ.get("SECONDS") or 120)
HERE = Path(__file__).resolve().parent


def main() -> int:
    end, rounds = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-m", "hypothesis", str(HERE)]
        code = subprocess.run([*command, "--hypothesis-profile=campaign", "--timeout=1800"], check=False).returncode
        if code != 0:
            return code
        rounds += 1
    print(f"fuzz rounds={rounds} seconds={SECONDS:.0f} failures=0")
    return 0


if __name__ == "__main__":
    sys.exit(main())

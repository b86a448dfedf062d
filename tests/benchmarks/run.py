"""`make bench`: all benchmarks, or the one named. Each ends with one line `<name> ratio=… rate=… floor=… …`."""

import subprocess
import sys
from pathlib import Path

BENCHES = {
    "whole-path": "bench_whole_path.py",
    "durable-accept": "bench_durable_accept.py",
    "resolve": "bench_resolve.py",
    "propose": "bench_propose.py",
    "validate": "bench_validate.py",
    "large-attachment": "bench_large_attachment.py",
}


def main() -> int:
    wanted = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    here = Path(__file__).resolve().parent
    return max(subprocess.run([sys.executable, here / BENCHES[name]], check=False).returncode for name in wanted)


if __name__ == "__main__":
    sys.exit(main())

"""What only the whole fault campaign runs (`make faults RUNS=1000`): each has a daemon of its own for half a minute."""

import os

import pytest

EVERYWHERE = bool(os.environ.get("RUNS"))
thorough = pytest.mark.skipif(not EVERYWHERE, reason="only in the fault campaign (make faults RUNS=1000)")

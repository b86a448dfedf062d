"""What only the fault campaign runs (`make faults`): each of these needs a daemon of its own for half a minute."""

import os

import pytest

EVERYWHERE = "RUNS" in os.environ
thorough = pytest.mark.skipif(not EVERYWHERE, reason="only in the fault campaign (make faults)")

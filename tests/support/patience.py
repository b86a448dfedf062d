"""How long a test waits for what must come."""

from amtsbote.net import Timeouts

PATIENCE = 60.0
"""Seconds. Nobody who waits so long proves anything by it: it only ends a test that would wait for ever, before the
time of the whole test is over. A busy machine needs a second where a quiet one needs a millisecond."""
PATIENT = Timeouts(connect=PATIENCE, read=PATIENCE, write=PATIENCE, whole=PATIENCE)
"""The same for our client of HTTP, where the test is not about its timeouts."""

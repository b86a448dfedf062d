"""Whether something is in earnest: destinations, targets and routing rules have a stage, and so has every message."""

from enum import StrEnum


class Stage(StrEnum):
    """Of a message only `LIVE` or `TEST`, fixed when it is announced."""

    LIVE = "live"
    """In earnest. Meets live targets only."""
    TEST = "test"
    """For trying out. Meets test targets only, and counts nowhere."""
    OFF = "off"
    """Takes part in nothing."""

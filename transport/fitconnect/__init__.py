"""FIT-Connect: the protocol of the federal portals."""

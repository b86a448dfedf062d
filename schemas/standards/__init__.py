"""Published standards: registered once, checked, locked, and loaded from a folder of ours. Start at `registering`."""

"""The one German/English catalogue: every sentence an operator reads at run time."""

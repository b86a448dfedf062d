"""How messages come in and go back over the wire: one sub-package per protocol."""

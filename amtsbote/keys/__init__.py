"""Secrets of the house: the master key, sealed bodies, and private keys that never leave this room as objects."""

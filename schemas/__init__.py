"""The schema registry: pinned service packages, and verdicts on documents made by helper processes.

A `schemaUri` from a message is a key into the registry and never an address to fetch. Untrusted XML is read in
long-lived helper processes without keys, network or database; this process never parses it. Start at `registry`.
"""

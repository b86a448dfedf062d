"""The routing registry: which authority is competent for a service at a place on a day.

`tables` checks what the operator wrote, `resolver` answers from a checked version, `destinations` finds the inbox of an
authority.
"""

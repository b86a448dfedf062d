"""The case from Hamburg to Chemnitz, played for a person: `amtsbote-demo`, `make demo`.

It makes an installation with the public commands only, starts broker and portal as processes of their own, and checks
every step. `steps` lists what is shown, in order.
"""

from amtsbote.demo.entry import main

__all__ = ["main"]

"""The HTTP API for the editors of the routing tables: what they may at the admin socket, from other machines."""

"""What sources offer becomes part of the registry: `door` is the one way in."""

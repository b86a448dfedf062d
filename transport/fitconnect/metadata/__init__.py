"""The metadata set of a submission: who sends what, with which hashes, in which schema.

`read_metadata` is the way in. `v1` and `v2` are the models of the version families, `reading` picks one and brings both
to the same shape.
"""

from transport.fitconnect.metadata.reading import AttachmentEntry, Metadata, SignatureEntry, read_metadata

__all__ = ["AttachmentEntry", "Metadata", "SignatureEntry", "read_metadata"]

"""What a finding means to a person: the field by its name in the schema's own documentation, and what the schema wants.

All of it is read from the schema, here and not in the helpers: nothing of it can come from a document.
"""

"""What a finding means to a person: the field by its name in the schema's own documentation, what the schema wants, and
what is wrong with it where the validator has no words for that.

Names, facts and sentences are read from the schema, here and not in the helpers. A helper process that takes a second
look with xmlschema (`looking`, `content`, `keys`; for JSON `json_schema.looking`) tells names, numbers and paths, and
each is checked.
"""

"""Schematron: a rule set as published → one stylesheet → observations on a document.

`source` reads the files, `rules` understands them, `stylesheet` writes XSLT, `ruleset` is the sum of the three and what
a helper process is told; `engine` runs it there with Saxon and is the only module that imports it.
"""

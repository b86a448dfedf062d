"""Schematron: a rule set as published → one stylesheet → observations on a document.

`source` reads the files, `rules` understands them, `stylesheet` writes XSLT; `loading` does the three and makes a
`ruleset`, which helper processes are told. There `engine` runs it with Saxon, which only this imports, and `check`
makes observations of what it finds; `sentences` gives them their words here.
"""

"""Regions of Germany: official lists and change lists read, merged into the tables, compared, and searched by name.

A reader turns one file into an `Offer`; everything behind that door is the same for a file today and a registry later.
Predecessors and successors are in no official list: they are imported, or proposed and confirmed by a person.
"""

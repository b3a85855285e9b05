"""How the tables came to be: one file in `versions/` for each change, numbered, and never altered once released.

A new one is written by hand beside its change of `storage/tables.py`; a test compares what both make.
"""

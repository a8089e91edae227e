"""Grids -> tables: which line is the headings, which column is which field, what the totals say."""

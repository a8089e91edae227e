"""Bytes or pasted text -> grids of cells. Nothing here knows what a column means."""

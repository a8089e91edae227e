"""The life of an import: prepared, mended, applied, taken back; and who may do what."""

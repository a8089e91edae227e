"""« Imports »: files come in, are looked at, mended, applied and taken back."""

"""Content -> bytes, one module per format. They read no record and no clock, and add no word."""

"""Files in, files out: spreadsheets become records, and records become spreadsheets."""

"""« Vagues de labellisation »: their sites, their order, their press release."""

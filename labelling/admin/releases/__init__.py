"""« Communiqués »: drafted, validated, sent and corrected."""

"""The base kept safe: backups, restoring, moving to another database."""

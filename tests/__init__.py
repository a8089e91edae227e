"""The tests, which mirror the application."""

"""« Personnes et accès »: who may sign in, with which role, until when, and by which link."""

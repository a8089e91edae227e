"""The commands, one module each: each calls one function of the application."""

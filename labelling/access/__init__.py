"""Who comes in, and how: passwords, second factors, links, sessions, and what locks them."""

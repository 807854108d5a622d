"""Who sees what: one module per screen, and the few things that screens share."""

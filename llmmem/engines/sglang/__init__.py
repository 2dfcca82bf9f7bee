"""SGLang 0.5: what it allocates, by its own rules."""

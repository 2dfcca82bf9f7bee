"""Models that put towers before a language model."""

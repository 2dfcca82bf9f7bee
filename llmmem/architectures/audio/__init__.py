"""Speech and audio models."""

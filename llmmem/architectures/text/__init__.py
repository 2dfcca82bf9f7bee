"""Language models: decoders, encoders, encoder-decoders, state-space models."""

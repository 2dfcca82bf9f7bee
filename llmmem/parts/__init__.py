"""Bricks that layers are built of: sizes in, named tensors out. No brick sees a config or a model name."""

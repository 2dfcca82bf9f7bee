"""diffusers: a pipeline's stages one after another, its components in memory together or in turn."""

"""What stands beside denoiser and autoencoder: projections, checkers, vocoders."""

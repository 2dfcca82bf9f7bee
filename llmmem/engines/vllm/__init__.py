"""vLLM 0.33: weights per rank, KV blocks, the profile run and what its memory budget leaves."""

"""llama.cpp: buffers of weights, caches and graphs as ggml lays them out."""

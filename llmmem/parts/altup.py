"""What Gemma 3n adds to a layer: several residual streams, a low-rank shortcut, and embeddings of every layer's own."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, norm, scalars
from llmmem.tensors import Part, Work


def altup(name: str, hidden: int, streams: int) -> Part:
    """Alternating updates (arXiv:2301.13310): one stream is computed, the others are predicted and corrected."""
    tensors = (
        *scalars(f"{name}.correct_output_scale", hidden),
        # Matrices as small as these are kept like routers.
        *linear(f"{name}.correction_coefs", streams, streams, role="router"),
        *linear(f"{name}.prediction_coefs", streams, streams**2, role="router"),
        *linear(f"{name}.modality_router", hidden, streams, role="router"),
        *norm(f"{name}.router_norm", hidden),
    )
    # the streams, what is predicted and what is corrected
    return Part(tensors, (), (Work("mlp", 3 * streams * hidden),))


def laurel(name: str, hidden: int, rank: int) -> Tensors:
    """A learned augmented residual (arXiv:2411.07501) of low rank."""
    return (
        *linear(f"{name}.linear_left", hidden, rank),
        *linear(f"{name}.linear_right", rank, hidden),
        *norm(f"{name}.post_laurel_norm", hidden),
    )


def per_layer_tables(hidden: int, layers: int, rows: int, size: int) -> Tensors:
    """One table with a small embedding for every layer, and a projection of the usual embedding beside it."""
    return (
        *embedding("embed_tokens_per_layer", rows, layers * size),
        *linear("per_layer_model_projection", hidden, layers * size, cut=COLUMN),
        *norm("per_layer_projection_norm", size),
    )


def per_layer_input(hidden: int, size: int) -> Tensors:
    """How a layer takes up its own embedding."""
    return (
        *linear("per_layer_input_gate", hidden, size, cut=COLUMN),
        *linear("per_layer_projection", size, hidden, cut=ROW),
        *norm("post_per_layer_input_norm", hidden),
    )

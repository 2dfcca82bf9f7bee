"""Transformers of music: MiniMax Music 3 and spectrogram diffusion."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.architectures.diffusion.transformer.lumina import gated
from llmmem.config import Config
from llmmem.parts.basic import embedding, norm, scalars
from llmmem.parts.denoise import attention, two_layers
from llmmem.parts.modules import conv1d, dense, layer_norm, matrices, under
from llmmem.tensors import ModelSpec


def minimax_music3(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxMusic3Transformer1DModel (diffusers 0.42, models/transformers/transformer_minimax_music3.py)."""
    width, inputs = width_of(c, 32, 64)[2], c.int("in_channels", default=128, least=1)
    wide, waves = c.int("ff_inner_dim", default=8192, least=1), c.int("fourier_embedding_dim", default=256, least=2)
    seen = 2 * inputs + c.int("condition_dim", default=2048)
    block = (
        *layer_norm("norm1", width),
        *attention("attn", width, width, out_bias=False),
        *layer_norm("norm2", width),
        *dense("ff_in", width, 2 * wide),
        *dense("ff_out", wide, width),
    )
    return component(
        c,
        "transformer",
        scalars("time_proj.weight", waves // 2, 1),
        two_layers("time_embed", waves, width),
        conv1d("preprocess_conv", seen, seen, 1, False),
        dense("proj_in", seen, width, False),
        layers("transformer_blocks", c.count("num_layers", default=36), block),
        dense("proj_out", width, inputs, False),
        conv1d("postprocess_conv", inputs, inputs, 1, False),
        hidden=width,
    )


def minimax_music3_depth(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxMusic3RVQDepthDecoder (diffusers 0.42, transformers/minimax_music3_rvq_depth_decoder.py)."""
    width, wide = c.int("hidden_size", default=4096, least=1), c.int("intermediate_size", default=6144, least=1)
    codes, books = c.int("audio_vocab_size", default=1024, least=1), c.int("num_codebooks", default=8, least=1) - 1
    block = (
        *norm("input_layernorm", width),
        *under("attn", matrices(width, width, "to_q", "to_k", "to_v", "to_out")),
        *norm("post_attention_layernorm", width),
        *matrices(width, wide, "gate_proj", "up_proj"),
        *dense("down_proj", wide, width, False),
    )
    return component(
        c,
        "transformer",
        embedding("audio_embeddings", codes * books, width),
        dense("projection", width, width, False),
        embedding("pos_embedding", c.int("max_position_embeddings", default=16, least=1), width),
        layers("layers", c.count("num_layers", default=4), block),
        norm("norm", width),
        tuple(t for i in range(min(books, 4096)) for t in dense(f"audio_heads.{i}", width, codes, False)),
        hidden=width,
    )


def t5_film(c: Config, head: str | None = None) -> ModelSpec:
    """T5FilmDecoder (arXiv:2206.05408; diffusers 0.42, models/transformers/t5_film_transformer.py)."""
    width, wide = c.int("d_model", default=768, least=1), c.int("d_ff", default=2048, least=1)
    inner = c.int("num_heads", default=12, least=1) * c.int("d_kv", default=64, least=1)
    inputs = c.int("input_dims", default=128, least=1)
    block = (
        *norm("layer.0.layer_norm", width),
        *dense("layer.0.FiLMLayer.scale_bias", 4 * width, 2 * width, False),
        *attention("layer.0.attention", width, inner, out_bias=False),
        *attention("layer.1.attention", width, inner, out_bias=False),
        *norm("layer.1.layer_norm", width),
        *gated("layer.2.DenseReluDense", width, wide, ("wi_0", "wo", "wi_1")),
        *dense("layer.2.film.scale_bias", 4 * width, 2 * width, False),
        *norm("layer.2.layer_norm", width),
    )
    return component(
        c,
        "transformer",
        dense("conditioning_emb.0", width, 4 * width, False),
        dense("conditioning_emb.2", 4 * width, 4 * width, False),
        embedding("position_encoding", c.int("targets_length", default=256, least=1), width),
        dense("continuous_inputs_projection", inputs, width, False),
        layers("decoders", c.count("num_layers", default=12), block),
        norm("decoder_norm", width),
        dense("spec_out", width, inputs, False),
        hidden=width,
    )

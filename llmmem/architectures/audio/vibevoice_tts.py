"""VibeVoice: a language model whose tokens of sound a small diffusion model makes, one after another."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, uniform
from llmmem.architectures.multimodal.frame import filled, multimodal
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, join


def _diffusion_head(c: Config, hidden: int, latent: int) -> list[Block]:
    """From noise and what the language model says to a latent; modulation shifts, scales and gates each layer."""
    feed = gated_mlp("ffn", hidden, c.int("intermediate_size", default=4608), bias=c.bool("mlp_bias"))
    layer = join(feed, norm("norm", hidden), linear("linear", hidden, 3 * hidden, cut=COLUMN))
    steps = c.int("frequency_embedding_size", default=256)
    stem = (
        *linear("noisy_images_proj", latent, hidden),
        *linear("cond_proj", hidden, hidden),
        *linear("timestep_proj.fc1", steps, hidden),
        *linear("timestep_proj.fc2", hidden, hidden),
    )
    final = (
        *linear("final_layer.linear_1", hidden, 2 * hidden),
        *linear("final_layer.linear_2", hidden, latent, role="head"),
    )
    return [
        Block("diffusion", "", stem),
        *uniform("diffusion", "layers.{}.", c.count("num_hidden_layers", default=4), layer),
        Block("diffusion", "", final),
    ]


def _projector(inputs: int, hidden: int) -> Tensors:
    return (
        *linear("linear_1", inputs, hidden, bias=True, cut=COLUMN),
        *norm("act", hidden),
        *linear("linear_2", hidden, hidden, bias=True, cut=ROW),
    )


def vibevoice(c: Config, head: str | None = None) -> ModelSpec:
    """VibeVoiceForConditionalGeneration and its base model (arXiv:2508.19205; transformers 5.23, models/vibevoice)."""
    kind = head_of(c, head)
    words = c.sub("text_config", model_type="qwen2")
    text = build(words, "base")
    tower = build(c.sub("audio_config", model_type="vibevoice_acoustic_tokenizer"), "base")
    encoder = "vibevoice_acoustic_tokenizer_encoder"
    sense = build(filled(c, "semantic_model_config", {"model_type": encoder, "hidden_size": 128}), "base")
    base, hidden, latent = "" if kind == "base" else "model.", text.hidden_size, tower.hidden_size
    # Its widths are those of the models around it, whatever its own config says.
    diffusion = _diffusion_head(c.sub("diffusion_head_config"), hidden, latent)
    others = (
        Block("projector", base, (*scalars("latent_scaling_factor"), *scalars("latent_bias_factor"))),
        *tower.placed(f"{base}audio_tower."),
        *sense.placed(f"{base}semantic_tokenizer_encoder."),
        Block("projector", f"{base}multi_modal_projector.", _projector(latent, hidden)),
        Block("projector", f"{base}semantic_connector.", _projector(sense.hidden_size, hidden)),
        *(b._replace(prefix=f"{base}diffusion_head.{b.prefix}") for b in diffusion),
    )
    return multimodal(
        c,
        kind,
        text,
        others,
        text_prefix=f"{base}language_model.",
        head_prefix="",
        tied=words.bool("tie_word_embeddings"),
    )

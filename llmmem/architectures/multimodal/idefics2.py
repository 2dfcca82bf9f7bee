"""Idefics 2: a tower, a perceiver that makes a few vectors of a picture, and a language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, model_spec, uniform
from llmmem.architectures.multimodal.frame import NOT_SIZED, filled, multimodal, typed
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Tensor, join

#: widths of the feed-forward where the language model's config says nothing
_WIDTHS = {"mistral": 14336, "llama": 11008}


def idefics2_perceiver(c: Config, head: str | None = None) -> ModelSpec:
    """Idefics2PerceiverResampler (arXiv:2405.02246; transformers 5.23, models/idefics2)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("resampler_n_heads", default=16, least=1)
    layer = join(
        norm("input_latents_norm", hidden),
        norm("input_context_norm", hidden),
        attention(
            "self_attn",
            hidden,
            heads,
            c.int("num_key_value_heads", default=4, least=1),
            c.int("resampler_head_dim", default=96),
            cache=None,
        ),
        norm("post_attention_layernorm", hidden),
        gated_mlp("mlp", hidden, 4 * hidden),
    )
    latents = Tensor("latents", (c.int("resampler_n_latents", default=64), hidden), "position")
    blocks = [
        Block("projector", "", (latents, *norm("norm", hidden))),
        *uniform("projector", "layers.{}.", c.count("resampler_depth", default=3), layer),
    ]
    return model_spec(c, blocks, hidden=hidden)


def idefics2(c: Config, head: str | None = None) -> ModelSpec:
    """Idefics2ForConditionalGeneration (arXiv:2405.02246; transformers 5.23, models/idefics2)."""
    kind = head_of(c, head)
    language = filled(c, "text_config", {"model_type": "mistral", "max_position_embeddings": 32768})
    text = build(language, "base")
    tower = build(typed(c, "vision_config", "idefics2_vision"), "base")
    reader = typed(c, "perceiver_config", "idefics2_perceiver")
    # It is as wide as the language model whatever its config says.
    reader = Config({**reader.raw, "hidden_size": text.hidden_size}, reader.path, reader.reads)
    inner = _WIDTHS.get(text.model_type)
    width = language.int("intermediate_size") if inner is None else language.int("intermediate_size", default=inner)
    wider = (
        *linear("gate_proj", tower.hidden_size, width, cut=COLUMN),
        *linear("up_proj", tower.hidden_size, width, cut=COLUMN),
        *linear("down_proj", width, text.hidden_size, cut=ROW),
    )
    prefix = "" if kind == "base" else "model."
    return multimodal(
        c,
        kind,
        text,
        (
            *tower.placed(f"{prefix}vision_model."),
            Block("projector", f"{prefix}connector.modality_projection.", wider),
            *build(reader, "base").placed(f"{prefix}connector.perceiver_resampler."),
        ),
        text_prefix=f"{prefix}text_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings"),
        notes=(NOT_SIZED,),
    )

"""Inkling, under the names published files have."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures import build
from llmmem.architectures.base import head_of, renamed
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.vision.inkling import folds, text_width
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.tensors import Block, ModelSpec, Tensor, Work

#: pictures become as many tokens as squares are needed to cover them
NOT_SIZED = ("pictures are not sized yet: they are cut into squares, of which the last are filled up",)

#: language model, ears and eyes inside the base model on its own
_TOWERS = ("language_model.", "audio_tower.", "vision_tower.")
_STEM = (("embed_tokens.embed_norm", "embed_norm"), ("embed_tokens", "embed"))
_LAYERS = (
    ("input_layernorm", "attn_norm"),
    ("post_attention_layernorm", "mlp_norm"),
    ("sconv.conv1d", "sconv"),
    ("self_attn.q_proj", "attn.wq_du"),
    ("self_attn.k_proj", "attn.wk_dv"),
    ("self_attn.v_proj", "attn.wv_dv"),
    ("self_attn.r_proj", "attn.wr_du"),
    ("self_attn.o_proj", "attn.wo_ud"),
    ("self_attn.", "attn."),
    ("experts.gate_up_proj", "experts.w13_weight"),
    ("shared_experts.gate_proj", "shared_experts.shared_w13_weight"),
    ("shared_experts.down_proj", "shared_experts.shared_w2_weight"),
    ("experts.down_proj", "experts.w2_weight"),
    ("mlp.gate_proj", "mlp.w13_dn"),
    ("mlp.down_proj", "mlp.w2_md"),
    ("gate.e_score_correction_bias", "gate.bias"),
)


def _joined(tensors: Tensors) -> Tensors:
    """Gate and up in one matrix, where they are not yet."""

    def wider(t: Tensor) -> Tensor:
        *before, rows, columns = t.shape
        return t._replace(shape=(*before, 2 * rows, columns))

    gated = ("mlp.gate_proj.weight", "shared_experts.gate_proj")
    lifted = ("mlp.up_proj.weight", "shared_experts.up_proj")
    return tuple(wider(t) if t.name.endswith(gated) else t for t in tensors if not t.name.endswith(lifted))


def inkling_mm_model(c: Config, head: str | None = None) -> ModelSpec:
    """InklingForConditionalGeneration (transformers 5.23, models/inkling)."""
    kind = head_of(c, head)
    # Only the whole model is stored under all of their names.
    whole = kind != "base"
    prefixes = ("model.llm.", "model.audio.", "model.visual.") if whole else _TOWERS
    text = build(_with_predictors(c, typed(c, "text_config", "inkling_text")), "base")
    joined = [b._replace(tensors=_joined(b.tensors)) for b in text.blocks]
    blocks = tuple(
        b._replace(prefix=(prefixes[0] if b.loaded else "model.") + b.prefix)
        for b in renamed(joined, *(_STEM if whole else ()), *_LAYERS)
    )
    # The towers make vectors of the language model's width, whatever their configs say.
    width = {"text_hidden_size": text.hidden_size, "hidden_size": text.hidden_size}
    ears, eyes = typed(c, "audio_config", "inkling_audio"), typed(c, "vision_config", "inkling_vision")
    audio = build(Config({**ears.raw, **width}, ears.path, ears.reads), "base")
    others = [
        *_pictures(Config({**eyes.raw, **width}, eyes.path, eyes.reads), prefixes[2]),
        *renamed(
            audio.placed(prefixes[1]),
            ("embed_audio_tokens.embed_audio_tokens", "encoder"),
            ("norm.", "final_norm."),
        ),
    ]
    if kind == "lm":
        top = linear("model.llm.unembed", text.hidden_size, text.vocab_size, cut="column", role="head")
        others.append(Block("language", "", top))
    text = text._replace(blocks=blocks)
    return multimodal(c, kind, text, others, text_prefix="", head_prefix=None, notes=NOT_SIZED)


def _with_predictors(c: Config, language: Config) -> Config:
    """Deep prediction layers may be described beside the language model."""
    given, own = c.sub("mtp_config"), language.raw
    if c.get("mtp_config") is None or c.get("text_config") is None:
        return language
    told = {
        "num_mtp_layers": given.get("num_nextn_predict_layers"),
        "chain_hidden_post_norm": given.get("chain_hidden_post_norm"),
        "mtp_local_layer_ids": given.get("local_layer_ids"),
    }
    return Config({**told, **own}, language.path, language.reads)


def _pictures(c: Config, place: str) -> Sequence[Block]:
    blocks = []
    for i, (matrix, after, live) in enumerate(folds(c)):
        blocks += [
            Block("vision", f"{place}layers.linear_{i}", matrix, work=(Work("mlp", live),)),
            Block("vision", f"{place}layers.norm_{i}", after),
        ]
    return [*blocks, Block("vision", place, norm("final_norm", text_width(c)))]

"""Prompt encoders that a pipeline builds on a model of transformers, and small models beside them."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.text.roberta import camembert
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer, embedding, linear, norm, scalars
from llmmem.parts.modules import conv1d, dense, each, layer_norm, matrices, under
from llmmem.tensors import ModelSpec

#: side of Stable Diffusion's mark on IF's pictures, and its channels
_MARK = (62, 62, 4)


def _xlm_roberta(c: Config) -> ModelSpec:
    """XLM-RoBERTa and its pooler, by the keys of the same config."""
    return camembert(
        Config({**c.raw, "model_type": "xlm-roberta", "architectures": ["XLMRobertaModel"]}, c.path, c.reads)
    )


def multilingual_clip(c: Config, head: str | None = None) -> ModelSpec:
    """MultilingualCLIP of Kandinsky 2.1 (diffusers 0.42, pipelines/kandinsky/text_encoder.py)."""
    text = _xlm_roberta(c)
    # the class is given transformerDimSize and imageDimSize and keeps them under other names
    seen = c.int("transformerDimensions", "transformerDimSize", default=1024, least=1)
    out = c.int("numDims", "imageDimSize", default=768, least=1)
    return component(
        c,
        "text_encoder",
        *text.placed("transformer."),
        dense("LinearTransformation", seen, out),
        hidden=text.hidden_size,
    )


def roberta_series(c: Config, head: str | None = None) -> ModelSpec:
    """RobertaSeriesModelWithTransformation of AltDiffusion (arXiv:2211.06679; diffusers 0.42)."""
    text, out = _xlm_roberta(c), c.int("project_dim", default=512, least=1)
    width = text.hidden_size
    before = (*dense("transformation_pre", width, out), *layer_norm("pre_LN", width))
    return component(
        c,
        "text_encoder",
        *text.placed("roberta."),
        dense("transformation", width, out),
        before if c.bool("has_pre_transformation") else (),
        hidden=width,
    )


def anima_text_conditioner(c: Config, head: str | None = None) -> ModelSpec:
    """AnimaTextConditioner (diffusers 0.42, models/condition_embedders/condition_embedder_anima.py)."""
    source, target = c.int("source_dim", default=1024, least=1), c.int("target_dim", default=1024, least=1)
    width, heads = c.int("model_dim", default=1024, least=1), c.int("num_attention_heads", default=16, least=1)
    one, inner = width // heads, int(width * c.number("mlp_ratio", default=4.0))
    affine = c.bool("use_layer_norm")

    def attend(name: str, seen: int) -> Tensors:
        return (
            *norm(f"norm_{name}", width, bias=affine),
            *under(
                name,
                matrices(width, one * heads, "q_proj"),
                matrices(seen, one * heads, "k_proj", "v_proj"),
                matrices(one * heads, width, "o_proj"),
                norm("q_norm", one),
                norm("k_norm", one),
            ),
        )

    block = (
        *(attend("self_attn", width) if c.bool("use_self_attention", default=True) else ()),
        *attend("cross_attn", source),
        *norm("norm_mlp", width, bias=affine),
        *dense("mlp.0", width, inner),
        *dense("mlp.2", inner, width),
    )
    return component(
        c,
        "text_conditioner",
        embedding("embed", c.int("target_vocab_size", default=32128, least=1), target),
        dense("in_proj", target, width) if target != width else (),
        each("blocks", c.count("num_layers", default=6), block),
        dense("out_proj", width, target),
        norm("norm", target),
        hidden=width,
    )


def minimax_music3_condition(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxMusic3ConditionEncoder: layers of the language model, weighed."""
    seen, out = c.int("condition_hidden_dim", default=4096, least=1), c.int("out_dim", default=2048, least=1)
    return component(
        c,
        "condition_encoder",
        scalars("layer_weight_logits", c.count("num_condition_layers", default=8)),
        scalars("layer_scale", 1),
        conv1d("proj", seen, out),
        hidden=out,
    )


def stable_audio3_duration(c: Config, head: str | None = None) -> ModelSpec:
    """StableAudio3DurationEmbedder."""
    sines, out = c.int("fourier_dim", default=256, least=2), c.int("output_dim", default=768, least=1)
    return component(c, "duration_embedder", buffer("freqs", sines // 2), dense("linear", sines, out), hidden=out)


def ideogram4_head(c: Config, head: str | None = None) -> ModelSpec:
    """Ideogram4PromptEnhancerHead: what turns the text encoder into a writer."""
    width, vocab = c.int("hidden_size", default=4096, least=1), c.int("vocab_size", default=151936, least=1)
    return component(c, "prompt_enhancer_head", linear("lm_head", width, vocab, role="head"), hidden=width)


def if_watermarker(c: Config, head: str | None = None) -> ModelSpec:
    """IFWatermarker: a picture, no weights."""
    return component(c, "watermarker", buffer("watermark_image", *_MARK))

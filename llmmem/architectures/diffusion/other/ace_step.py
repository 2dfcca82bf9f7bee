"""ACE-Step's encoders of lyrics, timbre and sound."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer, norm, scalars
from llmmem.parts.denoise import attention, qk_norms
from llmmem.parts.modules import dense
from llmmem.tensors import Block, ModelSpec

#: frames of silence that the checkpoint holds
_SILENCE = 15_000
LYRICS, TIMBRE = ("num_lyric_encoder_hidden_layers", 8), ("num_timbre_encoder_hidden_layers", 4)
POOLER = ("num_attention_pooler_hidden_layers", 2)


def _width(c: Config) -> int:
    return c.int("hidden_size", default=2048, least=1)


def _stack(c: Config, prefix: str, depth: tuple[str, int], seen: int, *tokens: int) -> tuple[Block | Tensors, ...]:
    """A transformer over what a matrix makes of ``seen`` inputs; ``tokens``: it learns that many of its own."""
    width, one = _width(c), c.int("head_dim", default=128, least=1)
    query = one * c.int("num_attention_heads", default=16, least=1)
    kv, bias = one * c.int("num_key_value_heads", default=8, least=1), c.bool("attention_bias")
    inner = c.int("intermediate_size", default=6144, least=1)
    layer = (
        *attention("self_attn", width, query, kv=kv, bias=bias, out_bias=bias, extra=qk_norms(one)),
        *norm("input_layernorm", width),
        *norm("post_attention_layernorm", width),
        *dense("mlp.gate_proj", width, inner, False),
        *dense("mlp.up_proj", width, inner, False),
        *dense("mlp.down_proj", inner, width, False),
    )
    name = "special_tokens" if depth is POOLER and not prefix else "special_token"
    ends = (
        *dense("embed_tokens", seen, width),
        *norm("norm", width),
        *(t for count in tokens for t in scalars(name, 1, count, width)),
    )
    stem = tuple(t._replace(name=prefix + t.name) for t in ends)
    return stem, layers(f"{prefix}layers", c.count(depth[0], default=depth[1]), layer)


def ace_step_lyric_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """AceStepLyricEncoder (diffusers 0.42, pipelines/ace_step/modeling_ace_step.py)."""
    text = c.int("text_hidden_dim", default=1024, least=1)
    return component(c, "lyric_encoder", *_stack(c, "", LYRICS, text), hidden=_width(c))


def ace_step_timbre_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """AceStepTimbreEncoder."""
    sound = c.int("timbre_hidden_dim", default=64, least=1)
    return component(c, "timbre_encoder", *_stack(c, "", TIMBRE, sound, 1), hidden=_width(c))


def ace_step_condition_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """AceStepConditionEncoder: lyrics, timbre and the prompt."""
    width, text = _width(c), c.int("text_hidden_dim", default=1024, least=1)
    sound = c.int("timbre_hidden_dim", default=64, least=1)
    return component(
        c,
        "condition_encoder",
        dense("text_projector", text, width, False),
        *_stack(c, "lyric_encoder.", LYRICS, text),
        *_stack(c, "timbre_encoder.", TIMBRE, sound, 1),
        scalars("null_condition_emb", 1, 1, width),
        buffer("silence_latent", 1, _SILENCE, sound),
        hidden=width,
    )


def ace_step_audio_tokenizer(c: Config, head: str | None = None) -> ModelSpec:
    """AceStepAudioTokenizer: pooled sound, quantised by rounding."""
    width, sound = _width(c), c.int("audio_acoustic_hidden_dim", default=64, least=1)
    inner, levels = c.int("fsq_dim", default=2048, least=1), len(sizes(c, "fsq_input_levels", (8, 8, 8, 5, 5, 5)))
    c.get("pool_window_size", "fsq_input_num_quantizers")  # neither sizes a tensor here
    return component(
        c,
        "audio_tokenizer",
        dense("audio_acoustic_proj", sound, width),
        *_stack(c, "attention_pooler.", POOLER, width, 1),
        dense("quantizer.project_in", inner, levels),
        dense("quantizer.project_out", levels, inner),
        hidden=width,
    )


def ace_step_audio_token_detokenizer(c: Config, head: str | None = None) -> ModelSpec:
    """AceStepAudioTokenDetokenizer."""
    width, sound = _width(c), c.int("audio_acoustic_hidden_dim", default=64, least=1)
    window = c.int("pool_window_size", default=5, least=1)
    return component(
        c,
        "audio_token_detokenizer",
        *_stack(c, "", POOLER, width, window),
        dense("proj_out", width, sound),
        hidden=width,
    )

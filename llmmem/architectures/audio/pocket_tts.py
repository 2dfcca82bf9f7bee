"""Pocket TTS: a small language model that speaks in latents."""

from __future__ import annotations

from llmmem.architectures.audio.flow_head import Names, flow_head, loss_weighting
from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.text.decoder import Sizes, sizes
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, buffer, embedding, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, join


def pocket_sizes(c: Config, hidden: int, heads: int, intermediate: int) -> Sizes:
    """The usual sizes; a width of a head of 0 is none as well."""
    if c.get("head_dim") == 0:
        c = Config({k: v for k, v in c.raw.items() if k != "head_dim"}, c.path, c.reads)
    s = sizes(c, hidden=hidden, heads=heads, intermediate=intermediate)
    divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads)
    return s


def pocket_spec(c: Config, blocks: list[Block], s: Sizes, vocab: int) -> ModelSpec:
    """The blocks and the facts around them."""
    length = c.int("max_position_embeddings", default=8192)
    return model_spec(c, blocks, hidden=s.hidden, vocab=vocab, max_context=length)


def pocket_tts(c: Config, head: str | None = None) -> ModelSpec:
    """PocketTTSForConditionalGeneration and its base model (transformers 5.23, models/pocket_tts)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    s = pocket_sizes(c, 1024, 16, 4096)
    bias, latent, vocab = c.bool("attention_bias"), c.int("latent_dim", default=32), c.int("vocab_size", default=4004)
    layer = join(
        attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, bias=bias, out_bias=bias),
        mlp(("mlp.fc1", "mlp.fc2"), s.hidden, s.intermediate, bias=False),
        norm("input_layernorm", s.hidden, bias=True),
        norm("post_attention_layernorm", s.hidden, bias=True),
    )
    base = "" if kind == "base" else "model."
    around = (
        *norm("norm", s.hidden, bias=True),
        *linear("audio_prompt_proj", latent, s.hidden),
        *linear("audio_latent_proj", latent, s.hidden),
        *scalars("bos_latent", latent),
    )
    blocks = [
        Block("language", base, embedding("embed_tokens", vocab, s.hidden)),
        *uniform("language", f"{base}layers.{{}}.", c.count("num_hidden_layers", default=6), layer),
        Block("language", base, around),
    ]
    if kind == "lm":
        flow = c.sub("flow_head_config")
        flows = flow_head(flow, Names(), hidden=s.hidden, latent=latent, condition=1024)
        top = (
            *linear("eos_head", s.hidden, 1, bias=True, role="head"),
            *statistics("latent_mean", "latent_std", latent),
        )
        blocks += [b._replace(prefix=f"flow_head.{b.prefix}") for b in flows]
        blocks += [Block("language", "", top), Block("diffusion", "loss_weighting.", loss_weighting(flow))]
    return pocket_spec(c, blocks, s, vocab)


def statistics(mean: str, std: str, latent: int) -> Tensors:
    """What training saw of the latents."""
    return (*buffer(mean, latent), *buffer(std, latent), *buffer("latent_stats_num_updates", dtype="int64"))

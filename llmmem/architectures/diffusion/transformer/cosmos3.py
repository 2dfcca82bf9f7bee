"""Cosmos 3: one stack with two sets of weights, one that understands and one that generates."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, unknown
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, linear, norm, scalars
from llmmem.parts.denoise import ADDED_NORMS, qk_norms, timestep
from llmmem.parts.modules import dense, gather
from llmmem.tensors import ModelSpec

ACTS = ("silu", "relu2")


def _attention(c: Config, width: int) -> Tensors:
    one, many = c.int("head_dim", default=128, least=1), c.int("num_attention_heads", default=32, least=1)
    query, kv = one * many, one * c.int("num_key_value_heads", default=8, least=1)
    bias, normed = c.bool("attention_bias"), c.bool("qk_norm_for_text", default=True)
    between = norm("k_norm_und_for_gen", one) if c.bool("use_und_k_norm_for_gen") and not normed else ()
    sides = (("to_q", "to_k", "to_v", "to_out"), ("add_q_proj", "add_k_proj", "add_v_proj", "to_add_out"))
    own = [
        (
            *dense(q, width, query, bias),
            *dense(k, width, kv, bias),
            *dense(v, width, kv, bias),
            *dense(o, query, width, bias),
        )
        for q, k, v, o in sides
    ]
    norms = (*(qk_norms(one) if normed else ()), *qk_norms(one, names=ADDED_NORMS), *between)
    return tuple(t._replace(name=f"self_attn.{t.name}") for t in (*gather(own), *norms))


def _mlp(name: str, width: int, inner: int, gated: bool) -> Tensors:
    return (
        *(dense(f"{name}.gate_proj", width, inner, False) if gated else ()),
        *dense(f"{name}.up_proj", width, inner, False),
        *dense(f"{name}.down_proj", inner, width, False),
    )


def _by_domain(name: str, domains: int, inputs: int, outputs: int) -> Tensors:
    """A matrix and a bias for each kind of robot."""
    return (*embedding(f"{name}.fc", domains, inputs * outputs), *embedding(f"{name}.bias", domains, outputs))


def _modalities(c: Config, width: int) -> Tensors:
    """Movements and sound, where the model makes them."""
    tensors: list[Tensors] = []
    if c.bool("action_gen"):
        size, domains = c.int("action_dim", least=1), c.int("num_embodiment_domains", default=32, least=1)
        tensors += [
            _by_domain("action_proj_in", domains, size, width),
            _by_domain("action_proj_out", domains, width, size),
        ]
        tensors.append(scalars("action_modality_embed", width))
    if c.bool("sound_gen"):
        size = c.int("sound_dim", least=1)
        tensors += [dense("audio_proj_in", size, width), dense("audio_proj_out", width, size)]
        tensors.append(scalars("audio_modality_embed", width))
    return gather(tensors)


def cosmos3_omni(c: Config, head: str | None = None) -> ModelSpec:
    """Cosmos3OmniTransformer (diffusers 0.42, models/transformers/transformer_cosmos3.py)."""
    width, inner = c.int("hidden_size", default=4096, least=1), c.int("intermediate_size", default=12288, least=1)
    vocab, patch = c.int("vocab_size", default=151936, least=1), c.int("patch_latent_dim", default=192, least=1)
    act = c.str("hidden_act", default=ACTS[0])
    if act not in ACTS:
        raise unknown(c, "hidden_act", act, ACTS)
    names = ("input_layernorm", "post_attention_layernorm")
    layer = (
        *_attention(c, width),
        *_mlp("mlp", width, inner, act == "silu"),
        *_mlp("mlp_moe_gen", width, inner, act == "silu"),
        *gather((*norm(n, width), *norm(f"{n}_moe_gen", width)) for n in names),
    )
    return component(
        c,
        "transformer",
        embedding("embed_tokens", vocab, width),
        layers("layers", c.count("num_hidden_layers", default=36), layer),
        norm("norm", width),
        norm("norm_moe_gen", width),
        linear("lm_head", width, vocab, role="head"),
        dense("proj_in", patch, width),
        dense("proj_out", width, patch),
        timestep("time_embedder", width),
        _modalities(c, width),
        hidden=width,
    )

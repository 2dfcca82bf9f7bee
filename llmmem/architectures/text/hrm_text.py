"""HRM-Text: two stacks of layers that take turns, each turn with a cache of its own."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import MOST_LAYERS, Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work, kv_cache
from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, scalars
from llmmem.tensors import ModelSpec, Part, Tensor, Work, join


def hrm_text(c: Config, head: str | None = None) -> ModelSpec:
    """HrmTextForCausalLM (arXiv:2506.21734; transformers 5.23, models/hrm_text).

    In files the class wrote, num_hidden_layers counts the turns of all layers, and num_layers_per_stack the layers.

    Raises:
        ConfigError: more turns than can be meant.
    """
    hidden = c.int("hidden_size", default=1536, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    head_dim = c.int("head_dim", default=128, least=1)
    intermediate = c.int("intermediate_size", default=4096)
    inner = heads * head_dim
    vocab = c.int("vocab_size", default=151808, least=1)
    # Checkpoints join the matrices, but the conversion leaves the biases where the class has them.
    bias, mlp_bias = c.bool("attention_bias"), c.bool("mlp_bias")
    biases: Tensors = ()
    if bias:
        biases += tuple(
            Tensor(f"self_attn.{n}_proj.bias", (inner,), "bias", 0, head_dim) for n in ("gate", "q", "k", "v")
        )
    if mlp_bias:
        biases += tuple(Tensor(f"mlp.{n}_proj.bias", (intermediate,), "bias", 0) for n in ("gate", "up"))
    work = attention_work(heads, heads, head_dim)

    def layer(turns: int) -> Part:
        return join(
            Part(
                (
                    *linear("attn.gqkv_proj", hidden, 4 * inner, cut=COLUMN, unit=head_dim),
                    *linear("attn.o_proj", inner, hidden, bias=bias, cut=ROW, unit=head_dim),
                ),
                (kv_cache("full", heads, head_dim),) * turns,
                (work._replace(width=work.width + inner),),  # and the gate of the output
            ),
            Part(
                (
                    *linear("mlp.gate_up_proj", hidden, 2 * intermediate, cut=COLUMN),
                    *linear("mlp.down_proj", intermediate, hidden, bias=mlp_bias, cut=ROW),
                ),
                (),
                (Work("mlp", 3 * intermediate),),
            ),
            biases,
        )

    n = c.count("num_layers_per_stack", "num_hidden_layers", default=16)
    slow = c.count("H_cycles", default=2)
    fast = slow * c.count("L_cycles", default=3)
    if fast > MOST_LAYERS:
        raise ConfigError(
            f"H_cycles times L_cycles is {fast:,}: no model takes so many turns.", "Check the config.json."
        )
    return language_model(
        c,
        head,
        (
            *uniform("language", "H_module.layers.{}.", n, layer(slow)),
            *uniform("language", "L_module.layers.{}.", n, layer(fast)),
        ),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("embed_tokens", vocab, hidden), *scalars("z_L_init", hidden)),
        final=(),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )

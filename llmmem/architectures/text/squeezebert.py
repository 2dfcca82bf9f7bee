"""SqueezeBERT: BERT with grouped convolutions in place of its linear layers."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.architectures.encoder import POOLED, encoder, encoder_model, pooler, stem
from llmmem.architectures.heads import bert_head, classifiers
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import Tensors, conv, norm
from llmmem.tensors import Block, ModelSpec, Part, Work


def squeezebert(c: Config, head: str | None = None) -> ModelSpec:
    """SqueezeBertForMaskedLM and its kin, all with a pooler (arXiv:2006.11316; transformers 5.23, models/squeezebert).

    Raises:
        ConfigError: embeddings of another width than the layers, which the class does not build.
    """
    e = encoder(c, head)
    if c.int("embedding_size", default=768) != e.hidden:
        raise ConfigError("embedding_size has to equal hidden_size.", "Check the config.json.")
    masked = bert_head(e, "transformer.")
    tops = {"mlm": masked.tensors, **classifiers(c, e.hidden)}

    def grouped(name: str, inputs: int, outputs: int, key: str, default: int) -> Tensors:
        groups = c.int(key, default=default, least=1)
        divide(c, f"outputs over {key}", outputs, groups)
        return conv(name, outputs, divide(c, f"inputs over {key}", inputs, groups), 1, bias=True)

    tensors = (
        *grouped("attention.query", e.hidden, e.hidden, "q_groups", 4),
        *grouped("attention.key", e.hidden, e.hidden, "k_groups", 4),
        *grouped("attention.value", e.hidden, e.hidden, "v_groups", 4),
        *grouped("post_attention.conv1d", e.hidden, e.hidden, "post_attention_groups", 1),
        *norm("post_attention.layernorm", e.hidden, bias=True),
        *grouped("intermediate.conv1d", e.hidden, e.intermediate, "intermediate_groups", 4),
        *grouped("output.conv1d", e.intermediate, e.hidden, "output_groups", 4),
        *norm("output.layernorm", e.hidden, bias=True),
    )
    work = (attention_work(e.heads, e.heads, e.head_dim), Work("mlp", 2 * e.intermediate))
    blocks = (
        Block(e.component, "embeddings.", stem(e)),
        *uniform(e.component, "encoder.layers.{}.", e.layers, Part(tensors, (), work)),
        Block(e.component, "", pooler(e, {*POOLED, *tops})),
    )
    return encoder_model(c, e, "transformer.", blocks, tops, masked.tied)

"""Cohere's transcription model, under the names of the NeMo files it is published as."""

from __future__ import annotations

from typing import Any

from llmmem.architectures import build
from llmmem.architectures.audio.canary import FRAMES, NOTE, mel_sound, shortened, writer_layer
from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.multimodal.frame import filled
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, Tensors, embedding, linear, norm, scalars
from llmmem.tensors import Block, ModelSpec

_ENCODER: dict[str, Any] = {
    "model_type": "parakeet_encoder",
    "hidden_size": 1280,
    "num_hidden_layers": 48,
    "intermediate_size": 5120,
    "num_mel_bins": 128,
}

#: part of a tensor's name -> what the files call it
_ENCODER_NAMES = {
    "layers.": "conv.",
    "linear.": "out.",
    "relative_k_proj": "linear_pos",
    "q_proj": "linear_q",
    "k_proj": "linear_k",
    "v_proj": "linear_v",
    "o_proj": "linear_out",
    "bias_u": "pos_bias_u",
    "bias_v": "pos_bias_v",
    "conv.norm.": "conv.batch_norm.",
}
_LAYER_NAMES = {
    "self_attn.": "first_sub_layer.",
    "encoder_attn.": "second_sub_layer.",
    "mlp.fc1": "third_sub_layer.dense_in",
    "mlp.fc2": "third_sub_layer.dense_out",
    "q_proj": "query_net",
    "k_proj": "key_net",
    "v_proj": "value_net",
    "o_proj": "out_projection",
    "input_layernorm": "layer_norm_1",
    "post_attention_layernorm": "layer_norm_2",
    "final_layernorm": "layer_norm_3",
}


def _renamed(block: Block, names: dict[str, str]) -> Block:
    """The block with its tensors under other names."""

    def name(old: str) -> str:
        for part, new in names.items():
            old = old.replace(part, new)
        return old

    return block._replace(
        prefix=block.prefix.replace("subsampling.", "pre_encode."),
        tensors=tuple(t._replace(name=name(t.name)) for t in block.tensors),
    )


def cohere_asr(c: Config, head: str | None = None) -> ModelSpec:
    """CohereAsrForConditionalGeneration (transformers 5.23, models/cohere_asr)."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    listens = filled(c, "encoder_config", _ENCODER, always=True)
    encoder = build(listens, "base")
    hidden, vocab = c.int("hidden_size", default=1024, least=1), c.int("vocab_size", default=16384)
    length = c.int("max_position_embeddings", default=1024)
    layer = writer_layer(c, hidden)
    layers = uniform("decoder", "layers.{}.", c.count("num_hidden_layers", default=8), layer)
    stem: Tensors = (
        *embedding("token_embedding", vocab, hidden),
        *(t._replace(role="position") for t in scalars("position_embedding.pos_enc", length, hidden)),
        *norm("layer_norm", hidden, bias=True),
    )
    decoder = "model.transf_decoder._decoder."
    shares = c.bool("tie_word_embeddings")
    top = linear("log_softmax.mlp.layer0", hidden, vocab, bias=True, cut=COLUMN, role="head")
    joins = linear("encoder_decoder_proj", encoder.hidden_size, hidden, bias=True)
    blocks = [
        *(_renamed(b, _ENCODER_NAMES) for b in encoder.placed("model.encoder.", "encoder")),
        Block("projector", "model.", joins),
        Block("decoder", "model.transf_decoder._embedding.", stem),
        *(_renamed(b, _LAYER_NAMES)._replace(prefix=decoder + b.prefix) for b in layers),
        Block("decoder", decoder, norm("final_layer_norm", hidden, bias=True)),
        Block("decoder", "", top[1:] if shares else top),
    ]
    return model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=vocab,
        max_context=length,
        encoder_length=shortened(listens, FRAMES),
        tied=((top[0].name, "model.transf_decoder._embedding.token_embedding.weight"),) if shares else (),
        notes=(NOTE,),
    )._replace(sound=mel_sound(listens, encoder.hidden_size))

"""Fish Audio S2: a Qwen3 over frames of codes, and a small one over the codes of a frame."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import attention_work, kv_cache, qk_norm
from llmmem.parts.basic import COLUMN, ROW, embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def _layer(c: Config, hidden: int) -> Part:
    """A layer under the names of the Llama release, q, k and v in one matrix.

    Raises:
        UnsupportedArchitectureError: experts, which no published model has.
    """
    if c.bool("use_moe"):
        raise UnsupportedArchitectureError("llmmem does not know Fish Audio models with experts.", "Check use_moe.")
    heads, kv_heads = c.int("n_head", least=1), c.int("n_local_heads", least=1)
    head_dim = c.int("head_dim", default=hidden // heads, least=1)
    qkv, out = c.bool("attention_qkv_bias"), c.bool("attention_o_bias")
    norms = qk_norm(head_dim) if c.bool("attention_qk_norm") else ()
    attends = Part(
        (
            *linear("attention.wqkv", hidden, (heads + 2 * kv_heads) * head_dim, bias=qkv, cut=COLUMN, unit=head_dim),
            *linear("attention.wo", heads * head_dim, hidden, bias=out, cut=ROW, unit=head_dim),
            *(t._replace(name=f"attention.{t.name}") for t in norms),
        ),
        (kv_cache("full", kv_heads, head_dim),),
        (attention_work(heads, kv_heads, head_dim),),
    )
    return join(
        attends,
        gated_mlp("feed_forward", hidden, c.int("intermediate_size"), names=("w1", "w3", "w2")),
        norm("ffn_norm", hidden),
        norm("attention_norm", hidden),
    )


def fish_qwen3_omni(c: Config, head: str | None = None) -> ModelSpec:
    """DualARTransformer of fishaudio/s2-pro (code of fishaudio/fish-speech), without the codec beside it.

    Reproduces the 9,123,704,832 stored bytes.
    """
    no_head(c, head)
    text, audio = c.sub("text_config"), c.sub("audio_decoder_config")
    hidden, inner = text.int("dim", least=1), audio.int("dim", least=1)
    vocab, entries = text.int("vocab_size", least=1), audio.int("vocab_size", least=1)
    slow, fast = _layer(text, hidden), _layer(audio, inner)
    base, depth = "text_model.model.", "audio_decoder."
    tied = text.bool("tie_word_embeddings", default=True)
    top = () if tied else linear("output", hidden, vocab, cut=COLUMN, role="head")
    codes = audio.int("num_codebooks", least=1) * entries
    blocks = [
        Block("language", base, embedding("embeddings", vocab, hidden)),
        *uniform("language", f"{base}layers.{{}}.", text.count("n_layer"), slow),
        Block("language", base, (*norm("norm", hidden), *top)),
        # What is below lives for one frame at a time, so that nothing of it is kept.
        Block("decoder", depth, embedding("codebook_embeddings", codes, hidden)),
        Block("decoder", depth, linear("project_in", hidden, inner, bias=True) if hidden != inner else ()),
        Block("decoder", depth, embedding("embeddings", entries, inner)),
        *uniform("decoder", f"{depth}layers.{{}}.", audio.count("n_layer"), Part(fast.tensors)),
        Block("decoder", depth, (*norm("norm", inner), *linear("output", inner, entries, cut=COLUMN, role="head"))),
    ]
    return model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=vocab,
        max_context=text.int("max_seq_len", default=0) or None,
        tied=((f"{base}output.weight", f"{base}embeddings.weight"),) if tied else (),
        notes=("the codec that turns codes into sound (codec.pth) is a model of its own and not counted",),
    )

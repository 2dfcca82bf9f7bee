"""BLT: bytes are read by a small encoder, their patches by a large stack, and a small decoder writes bytes again."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.blt_stacks import (
    blt_global_transformer,
    blt_local_decoder,
    blt_local_encoder,
    blt_patcher,
)
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, embedding, linear
from llmmem.tensors import Block, ModelSpec


def blt(c: Config, head: str | None = None) -> ModelSpec:
    """BltForCausalLM (arXiv:2412.09871; transformers 5.23, models/blt)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "model."
    encoder = blt_local_encoder(typed(c, "encoder_config", "blt_local_encoder"))
    decoder = blt_local_decoder(typed(c, "decoder_config", "blt_local_decoder"))
    patches = typed(c, "global_config", "blt_global_transformer")
    width = encoder.hidden_size * c.int("cross_attn_k", default=2)
    joint = None if width == patches.int("hidden_size", default=2048) else width
    patches = Config({**patches.raw, "encoder_cross_output_size": joint}, patches.path, patches.reads)
    groups = c.list("encoder_hash_byte_group_size") or range(6)
    rows = c.int("encoder_hash_byte_group_vocab", default=500002) * len(groups)
    rows *= c.int("encoder_hash_byte_group_nb_functions", default=1)
    vocab = c.int("vocab_size", default=260, least=1)
    blocks = [
        *encoder.placed(f"{prefix}local_encoder."),
        Block("language", prefix, embedding("encoder_hash_tok_embedding", rows, encoder.hidden_size)),
        *blt_global_transformer(patches).placed(f"{prefix}global_transformer."),
        *decoder.placed(f"{prefix}local_decoder."),
    ]
    if c.bool("patch_in_forward", default=not c.has("patch_in_forward")):
        patcher = blt_patcher(typed(c, "patcher_config", "blt_patcher"))
        blocks += (b._replace(caches=()) for b in patcher.placed(f"{prefix}patcher."))
    ties: tuple[tuple[str, str], ...] = ()
    if kind == "lm":
        blocks.append(Block("language", "", linear("lm_head", decoder.hidden_size, vocab, cut=COLUMN, role="head")))
        if c.bool("tie_word_embeddings"):
            # The head stays, the encoder's table goes.
            table = f"{prefix}local_encoder.embed_tokens.weight"
            ties = ((table, "lm_head.weight"),)
            blocks = [b._replace(tensors=tuple(t for t in b.tensors if b.prefix + t.name != table)) for b in blocks]
    return model_spec(
        c,
        blocks,
        hidden=decoder.hidden_size,
        vocab=vocab,
        max_context=c.int("max_position_embeddings", default=4096),
        tied=ties,
        notes=("transformers 5.23 cannot plan this cache itself: counted as what the two local stacks would keep",),
    )

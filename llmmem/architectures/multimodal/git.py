"""GIT: BERT's layers read a picture's vectors and then the caption, and write on."""

from __future__ import annotations

from llmmem.architectures.base import dtype_of, head_of, model_spec, refuse_head, uniform
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.vision.git import git_vision_model
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, embedding, linear, norm, positions
from llmmem.parts.encoder import bert_layer
from llmmem.tensors import Block, ModelSpec, Tensor


def git(c: Config, head: str | None = None) -> ModelSpec:
    """GitForCausalLM (arXiv:2205.14100; transformers 5.23, models/git)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "git."
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    vocab = c.int("vocab_size", default=30522, least=1)
    length = c.int("max_position_embeddings", default=1024)
    tower = git_vision_model(typed(c, "vision_config", "git_vision_model"), "base")
    layer = bert_layer(
        hidden,
        heads,
        divide(c, "hidden_size over num_attention_heads", hidden, heads),
        c.int("intermediate_size", default=3072),
        cache="full",
    )
    stem = (
        *embedding("word_embeddings", vocab, hidden),
        *positions("position_embeddings", length, hidden),
        *norm("LayerNorm", hidden, bias=True),
    )
    projector = (
        *linear("visual_projection.visual_projection.0", tower.hidden_size, hidden, bias=True, cut=COLUMN),
        *norm("visual_projection.visual_projection.1", hidden, bias=True),
        # where several pictures are a film: one for each
        *(
            Tensor(f"img_temporal_embedding.{i}", (1, 1, tower.hidden_size), "position")
            for i in range(c.count("num_image_with_embedding", default=0))
        ),
    )
    tied = c.bool("tie_word_embeddings") and kind == "lm"
    top = linear("output", hidden, vocab, bias=True, cut=COLUMN, role="head")[1 if tied else 0 :]
    blocks = [
        Block("language", f"{prefix}embeddings.", stem),
        *tower.placed(f"{prefix}image_encoder."),
        *uniform("language", f"{prefix}encoder.layer.{{}}.", c.count("num_hidden_layers", default=6), layer),
        Block("projector", prefix, projector),
        Block("language", "", top if kind == "lm" else ()),
    ]
    spec = model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=vocab,
        max_context=length,
        tied=(("output.weight", f"{prefix}embeddings.word_embeddings.weight"),) if tied else (),
    )
    return spec._replace(images=tower.images, dtype=dtype_of(c) or tower.dtype)

"""NV-Embed: Mistral that looks both ways, and a pooling that attends to learned latents."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head
from llmmem.architectures.text.llama import mistral
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec, Tensor, Work


def nvembed(c: Config, head: str | None = None) -> ModelSpec:
    """NVEmbedModel (arXiv:2405.17428; code that comes with nvidia/NV-Embed-v2).

    Reproduces the 15,702,032,384 stored bytes of NV-Embed-v2.
    """
    no_head(c, head)
    text = mistral(c.sub("text_config"), "base")
    pool = c.sub("latent_attention_config")
    width, latent = pool.int("hidden_dim", default=4096), pool.int("latent_dim", default=4096)
    inner = pool.int("num_cross_heads", default=8) * pool.int("cross_dim_head", default=4096)
    wide = 4 * latent
    tensors = (
        *norm("cross_attend_blocks.0.norm", latent, bias=True),
        *norm("cross_attend_blocks.0.norm_context", width, bias=True),
        *linear("cross_attend_blocks.0.fn.to_q", latent, inner, cut=COLUMN),
        *linear("cross_attend_blocks.0.fn.to_kv", width, 2 * inner, cut=COLUMN),
        *linear("cross_attend_blocks.0.fn.to_out", inner, latent, cut=ROW),
        *norm("cross_attend_blocks.1.norm", latent, bias=True),
        *linear("cross_attend_blocks.1.fn.net.0", latent, 2 * wide, bias=True, cut=COLUMN),
        *linear("cross_attend_blocks.1.fn.net.2", wide, latent, bias=True, cut=ROW),
        Tensor("latents", (pool.int("num_latents_value", default=512), latent), "position"),
    )
    # Every token asks the latents; then the feed-forward, two halves of which are multiplied.
    work = (Work("mlp", 3 * inner), Work("mlp", 4 * wide))
    blocks = [
        # It reads a text at once and writes none, so that nothing is cached.
        *(b._replace(caches=(), component="encoder") for b in text.placed("embedding_model.")),
        Block("projector", "latent_attention_model.", tensors, work=work),
    ]
    spec = model_spec(
        c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context, notes=text.notes
    )
    return spec._replace(dtype=spec.dtype or text.dtype)

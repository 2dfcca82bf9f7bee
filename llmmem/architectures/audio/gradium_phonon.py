"""Gradium Phonon: Pocket TTS under the names of the files it is published as, told of speakers and durations."""

from __future__ import annotations

from llmmem.architectures.audio.flow_head import Names, flow_head, loss_weighting
from llmmem.architectures.audio.pocket_tts import pocket_sizes, pocket_spec, statistics
from llmmem.architectures.base import head_of, refuse_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import QKVO, attention
from llmmem.parts.basic import COLUMN, ROW, embedding, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join

#: Phonon's names in the files it is published as
PHONON = Names(
    "cond_embed",
    "time_embed",
    ("mlp.0", "mlp.2"),
    "mlp.3.alpha",
    "res_blocks",
    "in_ln",
    ("mlp.0", "mlp.2"),
    "adaLN_modulation.1",
    "linear",
)


def gradium_phonon_tts(c: Config, head: str | None = None) -> ModelSpec:
    """GradiumPhononTTSForConditionalGeneration (transformers 5.23, models/gradium_phonon_tts)."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    s = pocket_sizes(c, 768, 12, 3072)
    bias, latent, vocab = c.bool("attention_bias"), c.int("latent_dim", default=32), c.int("vocab_size", default=4001)
    own = attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim)
    rows = (s.heads + 2 * s.kv_heads) * s.head_dim
    layer = join(
        own._replace(tensors=()),
        linear("self_attn.in_proj", s.hidden, rows, cut=COLUMN, unit=s.head_dim),
        linear("self_attn.out_proj", s.heads * s.head_dim, s.hidden, bias=bias, cut=ROW, unit=s.head_dim),
        mlp(("linear1", "linear2"), s.hidden, s.intermediate, bias=False),
        norm("norm1", s.hidden, bias=True),
        norm("norm2", s.hidden, bias=True),
    )
    sides = zip(QKVO, (s.heads, s.kv_heads, s.kv_heads), strict=False)
    # The published models have no biases, so that nobody named those of q, k and v otherwise.
    biases = tuple(Tensor(f"self_attn.{n}.bias", (k * s.head_dim,), "bias", 0, s.head_dim) for n, k in sides)
    speakers = c.int("num_speakers_embedding_dim", default=16)
    conditions = (
        *embedding("transcript_in_segment.embed", vocab, s.hidden),
        *linear("speaker_wavs.output_proj", c.int("audio_prompt_dim", default=512), s.hidden),
        *embedding("num_speakers.embed", c.int("num_speakers_vocab_size", default=32), speakers),
        *linear("num_speakers.output_proj", speakers, s.hidden),
        *linear("duration_delta.output_proj", c.int("duration_delta_embedding_dim", default=128), s.hidden),
    )
    *seen, updates = statistics("emb_mean", "emb_std", latent)
    around = (
        *norm("out_norm", s.hidden, bias=True),
        *linear("input_linear", latent, s.hidden),
        *linear("out_eos", s.hidden, 1, bias=True, role="head"),
        *scalars("bos_emb", latent),
        *seen,
    )
    n, flow = c.count("num_hidden_layers", default=6), c.sub("flow_head_config")
    flows = flow_head(flow, PHONON, hidden=s.hidden, latent=latent, condition=768)
    blocks = [
        Block("language", "flow_lm.condition_provider.conditioners.", conditions),
        *uniform("language", "flow_lm.transformer.layers.{}.", n, layer),
        *uniform("language", "model.layers.{}.", n if bias else 0, Part(biases)),
        Block("language", "flow_lm.", around),
        *(b._replace(prefix=f"flow_lm.flow_net.{b.prefix}") for b in flows),
        Block("language", "", (updates,)),
        Block("diffusion", "loss_weighting.", loss_weighting(flow)),
    ]
    return pocket_spec(c, blocks, s, vocab)

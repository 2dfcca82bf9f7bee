"""The encoders of Nemotron's transcription models: stacked spectrogram frames, then layers with rotary positions."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.architectures.base import head_width, model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join


class Names(NamedTuple):
    """What the parts of an encoder are called."""

    stem: str = "embedder.projection"
    before: str = "input_layer_norm"
    after: str = "layer_norm"
    norms: tuple[str, str] = ("layer_norm1", "layer_norm2")
    attention: str = "self_attn"
    out: str = "o_proj"
    #: q, k and v in one matrix of this name; None: one each
    qkv: str | None = None
    mlp: tuple[str, str] = ("mlp.fc1", "mlp.fc2")


#: the names of transformers, and of the NeMo files that whole models are published as
OWN = Names()
NEMO = Names(
    "pre_encode.proj",
    "embed_norm",
    "final_norm",
    ("norm1", "norm2"),
    "attn",
    "out_proj",
    "w_qkv",
    ("ffn.net.0", "ffn.net.3"),
)


class Sizes(NamedTuple):
    """The defaults of a configuration class."""

    hidden: int
    intermediate: int
    layers: int
    heads: int


ASR, WORDS, SPEAKERS = Sizes(1280, 5120, 32, 10), Sizes(1280, 640, 2, 16), Sizes(512, 2048, 31, 8)


def _transformer(c: Config, names: Names, default: Sizes, *, normed: bool) -> list[Block]:
    """A norm, the layers and another norm.

    Args:
        normed: the heads of q and k have norms of their own.
    """
    hidden = c.int("hidden_size", default=default.hidden, least=1)
    heads = c.int("num_attention_heads", default=default.heads, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    # Keys may share heads, values never do.
    rows = {"q_proj": heads * head_dim, "k_proj": kv_heads * head_dim, "v_proj": heads * head_dim}
    at, qkv = names.attention, rows if names.qkv is None else {names.qkv: sum(rows.values())}
    attend = Part(
        (
            *(t for n, size in qkv.items() for t in linear(f"{at}.{n}", hidden, size, cut=COLUMN, unit=head_dim)),
            *linear(f"{at}.{names.out}", heads * head_dim, hidden, bias=True, cut=ROW, unit=head_dim),
            *(norm(f"{at}.q_norm", head_dim, bias=True) if normed else ()),
            *(norm(f"{at}.k_norm", head_dim, bias=True) if normed else ()),
        ),
        (),
        (attention_work(heads, kv_heads, head_dim),),
    )
    layer = join(
        norm(names.norms[0], hidden, bias=True),
        attend,
        norm(names.norms[1], hidden, bias=True),
        mlp(names.mlp, hidden, c.int("intermediate_size", default=default.intermediate)),
    )
    return [
        Block("audio", "", norm(names.before, hidden, bias=True)),
        *uniform("audio", "layers.{}.", c.count("num_hidden_layers", default=default.layers), layer),
        Block("audio", "", norm(names.after, hidden, bias=True)),
    ]


def stacked_encoder(c: Config, names: Names, default: Sizes, *, normed: bool) -> list[Block]:
    """An encoder of which every position is several frames of the spectrogram, side by side."""
    inputs = c.int("subsampling_factor", default=8) * c.int("num_mel_bins", default=128)
    stem = linear(names.stem, inputs, c.int("hidden_size", default=default.hidden), cut=COLUMN)
    return [Block("audio", "", stem), *_transformer(c, names, default, normed=normed)]


def word_encoder(c: Config, names: Names, upsampler: str) -> list[Block]:
    """The encoder that says when words were said, at a finer rate than the language model's."""
    hidden, factor = c.int("hidden_size", default=WORDS.hidden), c.int("upsampling_factor", default=2, least=1)
    finer: Tensors = conv_transpose(upsampler, hidden, hidden, factor)
    return [Block("audio", "", finer), *_transformer(c, names, WORDS, normed=True)]


def nemotron3_5_transcribe_asr_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Nemotron3_5TranscribeAsrAudioModel (transformers 5.23, models/nemotron3_5_transcribe)."""
    no_head(c, head)
    return model_spec(c, stacked_encoder(c, OWN, ASR, normed=True), hidden=c.int("hidden_size", default=ASR.hidden))


def nemotron3_5_transcribe_word_timestamp(c: Config, head: str | None = None) -> ModelSpec:
    """Nemotron3_5TranscribeWordTimestampModel (transformers 5.23, models/nemotron3_5_transcribe)."""
    no_head(c, head)
    return model_spec(c, word_encoder(c, OWN, "upsampler"), hidden=c.int("hidden_size", default=WORDS.hidden))

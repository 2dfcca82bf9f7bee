"""Nemotron's transcription model, as NeMo writes it: two encoders, a hybrid language model, and a head for times."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.audio.nemotron_diarization import transcribe_audio
from llmmem.architectures.audio.nemotron_transcribe import NEMO, WORDS, word_encoder
from llmmem.architectures.base import dtype_of, head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import filled
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, conv, in_fp32, linear
from llmmem.tensors import Block, ModelSpec

#: the language model that stands in where there is no text_config
_TEXT = {
    "model_type": "nemotron_h",
    "hidden_size": 2688,
    "intermediate_size": 1856,
    "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
    "mamba_num_heads": 64,
    "max_position_embeddings": 262144,
    "moe_intermediate_size": 1856,
    "moe_shared_expert_intermediate_size": 3712,
    "n_routed_experts": 128,
    "num_experts_per_tok": 6,
    "num_key_value_heads": 2,
}
#: NeMo's names within the language model
_NAMES = {
    "embeddings.weight": "embed_tokens.weight",
    "norm_f.weight": "norm.weight",
    "mixer.A_log": "mixer._fp32_params.A_log",
    "mixer.D": "mixer._fp32_params.D",
    "mixer.dt_bias": "mixer._fp32_params.dt_bias",
}


def nemo_speechlm(c: Config, head: str | None = None) -> ModelSpec:
    """Nemotron3_5TranscribeForConditionalGeneration (transformers 5.23, models/nemotron3_5_transcribe)."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    text = build(filled(c, "text_config", _TEXT), "base")
    language = [
        b._replace(
            prefix=("llm.model." if b.loaded else "llm.") + b.prefix,
            tensors=tuple(t._replace(name=_NAMES.get(t.name, t.name)) for t in b.tensors),
        )
        for b in text.blocks
    ]
    towers, heard = transcribe_audio(c.sub("audio_config"), nemo=True)
    words = c.sub("word_timestamp_config")
    times = conv(
        "decoder_layers.0",
        words.int("vocab_size", default=23863),
        words.int("hidden_size", default=WORDS.hidden),
        1,
        bias=True,
    )
    # What hears is kept in fp32, and so is what leads into the language model.
    projector = in_fp32(linear("proj", heard, text.hidden_size, bias=True, cut=COLUMN))
    decoder = "ctc_timestamp.decoder."
    blocks = (
        *language,
        Block("language", "llm.", linear("lm_head", text.hidden_size, text.vocab_size, cut=COLUMN, role="head")),
        *(b._replace(prefix="perception.encoder." + b.prefix, tensors=in_fp32(b.tensors)) for b in towers),
        Block("projector", "perception.", projector),
        *(b._replace(prefix=_word_prefix(b)) for b in word_encoder(words, NEMO, "upsample")),
        Block("audio", decoder, times),
    )
    spec = model_spec(
        c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context, notes=text.notes
    )
    return spec._replace(dtype=dtype_of(c) or text.dtype, quantization=spec.quantization or text.quantization)


def _word_prefix(block: Block) -> str:
    """The layers stand in a module of their own, what makes them finer before it."""
    return (
        "ctc_timestamp.decoder."
        + ("" if block.tensors[0].name.startswith("upsample") else "transformer.")
        + block.prefix
    )

"""From a config to a ModelSpec: one literal line per model type; only the module asked for is imported."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from llmmem.config import Config, size_bearing
from llmmem.errors import UnsupportedArchitectureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmmem.tensors import ModelSpec

#: model_type -> module:function, below llmmem.architectures
REGISTRY = {
    # decoders
    "llama": "text.llama:llama",
    "mistral": "text.llama:mistral",
    "qwen2": "text.qwen2:qwen2",
    "qwen3": "text.qwen3:qwen3",
    "qwen3_moe": "text.qwen3:qwen3_moe",
    "qwen3_next": "text.qwen3_next:qwen3_next",
    "qwen2_5_vl_text": "text.qwen2:qwen2_5_vl_text",
    "phi3": "text.phi3:phi3",
    "gemma": "text.gemma:gemma",
    "gemma2": "text.gemma:gemma2",
    "gemma3_text": "text.gemma3:gemma3_text",
    "llama4_text": "text.llama4:llama4_text",
    "mixtral": "text.mixtral:mixtral",
    "deepseek_v2": "text.deepseek:deepseek_v2",
    "deepseek_v3": "text.deepseek:deepseek_v3",
    "gpt_oss": "text.gpt_oss:gpt_oss",
    "gpt2": "text.gpt2:gpt2",
    "gpt_neox": "text.gpt_neox:gpt_neox",
    "falcon": "text.falcon:falcon",
    "mpt": "text.mpt:mpt",
    "opt": "text.opt:opt",
    "bloom": "text.bloom:bloom",
    "openai-gpt": "text.openai_gpt:openai_gpt",
    "xglm": "text.xglm:xglm",
    "persimmon": "text.persimmon:persimmon",
    "stablelm": "text.stablelm:stablelm",
    "phi": "text.phi:phi",
    "minicpm3": "text.minicpm3:minicpm3",
    "youtu": "text.minicpm3:youtu",
    "olmo": "text.olmo:olmo",
    "olmo2": "text.olmo:olmo2",
    "olmo3": "text.olmo:olmo3",
    "internlm3": "text.internlm3:internlm3",
    "iquestcoder": "text.internlm3:iquestcoder",
    "nemotron": "text.nemotron:nemotron",
    "jais2": "text.jais2:jais2",
    "starcoder2": "text.starcoder2:starcoder2",
    "nanochat": "text.nanochat:nanochat",
    "ministral": "text.ministral:ministral",
    "ministral3": "text.ministral:ministral3",
    "seed_oss": "text.seed_oss:seed_oss",
    "smollm3": "text.smollm3:smollm3",
    "vaultgemma": "text.vaultgemma:vaultgemma",
    "apertus": "text.apertus:apertus",
    "arcee": "text.arcee:arcee",
    "bitnet": "text.bitnet:bitnet",
    "cohere": "text.cohere:cohere",
    "cohere2": "text.cohere:cohere2",
    "cohere_compass_text": "text.cohere:cohere_compass_text",
    "cwm": "text.cwm:cwm",
    "diffllama": "text.diffllama:diffllama",
    "ernie4_5": "text.ernie4_5:ernie4_5",
    "exaone4": "text.exaone4:exaone4",
    "glm": "text.glm:glm",
    "glm4": "text.glm:glm4",
    "gpt-sw3": "text.gpt2:gpt2",
    "granite": "text.granite:granite",
    "granite_swa": "text.granite:granite_swa",
    "helium": "text.helium:helium",
    "hunyuan_v1_dense": "text.hunyuan_v1_dense:hunyuan_v1_dense",
    "hyperclovax": "text.hyperclovax:hyperclovax",
    "hrm_text": "text.hrm_text:hrm_text",
    "modernbert-decoder": "text.modernbert_decoder:modernbert_decoder",
    "blt": "text.blt:blt",
    "blt_local_encoder": "text.blt_stacks:blt_local_encoder",
    "blt_local_decoder": "text.blt_stacks:blt_local_decoder",
    "blt_global_transformer": "text.blt_stacks:blt_global_transformer",
    "blt_patcher": "text.blt_stacks:blt_patcher",
    "doge": "text.doge:doge",
    "aria_text": "text.aria:aria_text",
    "biogpt": "text.biogpt:biogpt",
    "gptj": "text.gptj:gptj",
    "codegen": "text.gptj:codegen",
    "cpmant": "text.cpmant:cpmant",
    "ctrl": "text.ctrl:ctrl",
    "gpt_bigcode": "text.gpt_bigcode:gpt_bigcode",
    "gpt_neo": "text.gpt_neo:gpt_neo",
    "gpt_neox_japanese": "text.gpt_neox_japanese:gpt_neox_japanese",
    "emu3_text_model": "text.emu3:emu3_text_model",
    "gemma3n_text": "text.gemma3n:gemma3n_text",
    "gemma4_text": "text.gemma4:gemma4_text",
    "gemma4_unified_text": "text.gemma4_unified:gemma4_unified_text",
    "qwen3_5_text": "text.qwen3_5:qwen3_5_text",
    "qwen3_5_moe_text": "text.qwen3_5:qwen3_5_moe_text",
    # state-space, recurrent, hybrid
    "mamba": "text.mamba:mamba",
    "falcon_mamba": "text.mamba:falcon_mamba",
    "mamba2": "text.mamba2:mamba2",
    "jamba": "text.jamba:jamba",
    "rwkv": "text.rwkv:rwkv",
    "bamba": "text.bamba:bamba",
    "falcon_h1": "text.falcon_h1:falcon_h1",
    "granitemoehybrid": "text.granitemoehybrid:granitemoehybrid",
    "nemotron_h": "text.nemotron_h:nemotron_h",
    "kimi_linear": "text.kimi_linear:kimi_linear",
    "lfm2": "text.lfm2:lfm2",
    "lfm2_moe": "text.lfm2_moe:lfm2_moe",
    "lfm3": "text.lfm3:lfm3",
    "olmo_hybrid": "text.olmo_hybrid:olmo_hybrid",
    "recurrent_gemma": "text.recurrent_gemma:recurrent_gemma",
    "xlstm": "text.xlstm:xlstm",
    "zamba": "text.zamba:zamba",
    "zamba2": "text.zamba2:zamba2",
    # encoders and encoder-decoders
    "bert": "text.bert:bert",
    "t5": "text.t5:t5",
    "bart": "text.bart:bart",
    "marian": "text.marian:marian",
    "whisper": "audio.whisper:whisper",
    "ernie": "text.bert:ernie",
    "megatron-bert": "text.bert:megatron_bert",
    "bert-generation": "text.bert:bert_generation",
    "rembert": "text.bert:rembert",
    "roc_bert": "text.roc_bert:roc_bert",
    "roberta": "text.roberta:roberta",
    "camembert": "text.roberta:camembert",
    "xlm-roberta": "text.roberta:camembert",
    "data2vec-text": "text.roberta:data2vec_text",
    "roberta-prelayernorm": "text.roberta:roberta_prelayernorm",
    "xlm-roberta-xl": "text.roberta:xlm_roberta_xl",
    "xmod": "text.roberta:xmod",
    "electra": "text.electra:electra",
    "convbert": "text.electra:convbert",
    "big_bird": "text.big_bird:big_bird",
    "roformer": "text.big_bird:roformer",
    "nystromformer": "text.nystromformer:nystromformer",
    "yoso": "text.nystromformer:yoso",
    "mra": "text.nystromformer:mra",
    "mt5": "text.t5:mt5",
    "umt5": "text.t5:umt5",
    "longt5": "text.longt5:longt5",
    "switch_transformers": "text.switch_transformers:switch_transformers",
    "mbart": "text.mbart:mbart",
    "plbart": "text.mbart:plbart",
    "blenderbot": "text.blenderbot:blenderbot",
    "blenderbot-small": "text.blenderbot:blenderbot_small",
    "pegasus": "text.pegasus:pegasus",
    "pegasus_x": "text.pegasus:pegasus_x",
    "bigbird_pegasus": "text.pegasus:bigbird_pegasus",
    "led": "text.led:led",
    "mvp": "text.mvp:mvp",
    "m2m_100": "text.m2m_100:m2m_100",
    "nllb-moe": "text.m2m_100:nllb_moe",
    "fsmt": "text.fsmt:fsmt",
    "prophetnet": "text.prophetnet:prophetnet",
    "trocr": "text.trocr:trocr",
    "layoutlm": "text.layoutlm:layoutlm",
    "tapas": "text.layoutlm:tapas",
    "longformer": "text.longformer:longformer",
    "luke": "text.luke:luke",
    "albert": "text.albert:albert",
    "fnet": "text.fnet:fnet",
    "squeezebert": "text.squeezebert:squeezebert",
    "mpnet": "text.mpnet:mpnet",
    "t5gemma": "text.t5gemma:t5gemma",
    "t5gemma2": "multimodal.t5gemma2:t5gemma2",
    "t5gemma2_text": "multimodal.t5gemma2:t5gemma2_text",
    "t5gemma2_decoder": "multimodal.t5gemma2:t5gemma2_decoder",
    "t5gemma2_encoder": "multimodal.t5gemma2:t5gemma2_encoder",
    "mobilebert": "text.mobilebert:mobilebert",
    "ibert": "text.ibert:ibert",
    "distilbert": "text.distilbert:distilbert",
    "encoder-decoder": "multimodal.composed:encoder_decoder",
    "vision-encoder-decoder": "multimodal.composed:vision_encoder_decoder",
    "speech-encoder-decoder": "multimodal.composed:speech_encoder_decoder",
    "deberta": "text.deberta:deberta",
    "deberta-v2": "text.deberta:deberta_v2",
    "xlm": "text.xlm:xlm",
    "flaubert": "text.xlm:xlm",
    "xlnet": "text.xlnet:xlnet",
    "reformer": "text.reformer:reformer",
    "funnel": "text.funnel:funnel",
    "perceiver": "text.perceiver:perceiver",
    "eurobert": "text.eurobert:eurobert",
    "esmc": "text.eurobert:esmc",
    "ultrabert": "text.eurobert:ultrabert",
    "gte": "text.gte:gte",
    "jina_embeddings_v3": "text.gte:jina_embeddings_v3",
    "nomic_bert": "text.gte:nomic_bert",
    "modernbert": "text.modernbert:modernbert",
    "modernvbert": "multimodal.modernvbert:modernvbert",
    "ultravbert": "multimodal.modernvbert:ultravbert",
    "neomme": "text.neomme:neomme",
    "molmo2_text": "text.molmo2:molmo2_text",
    "tipsv2_text_model": "text.tipsv2:tipsv2_text_model",
    "esm": "text.esm:esm",
    # vision towers and what is built on them
    "clip": "multimodal.clip:clip",
    "clip_text_model": "text.clip:clip_text_model",
    "clip_vision_model": "vision.clip:clip_vision_model",
    "siglip_vision_model": "vision.siglip:siglip_vision_model",
    "llama4_vision_model": "vision.llama4:llama4_vision_model",
    "qwen2_5_vl_vision": "vision.qwen2_5_vl:qwen2_5_vl_vision",
    "gemma3": "multimodal.gemma3:gemma3",
    "llama4": "multimodal.llama4:llama4",
    "llava": "multimodal.llava:llava",
    "qwen2_5_vl": "multimodal.qwen2_5_vl:qwen2_5_vl",
    "fuyu": "multimodal.fuyu:fuyu",
    "dots3_note_vision_encoder": "vision.dots3_note:dots3_note_vision_encoder",
    "dots3_note": "multimodal.dots3_note:dots3_note",
    "git_vision_model": "vision.git:git_vision_model",
    "git": "multimodal.git:git",
    "got_ocr2_vision": "vision.got_ocr2:got_ocr2_vision",
    "got_ocr2": "multimodal.got_ocr2:got_ocr2",
    "emu3_vqgan": "vision.emu3:emu3_vqgan",
    "emu3": "multimodal.emu3:emu3",
    "mllama_text_model": "text.mllama:mllama_text_model",
    "mllama_vision_model": "vision.mllama:mllama_vision_model",
    "mllama": "multimodal.mllama:mllama",
    "qwen3_5_vision": "vision.qwen3_5:qwen3_5_vision",
    "qwen3_5_moe_vision": "vision.qwen3_5:qwen3_5_vision",
    "qwen3_5": "multimodal.qwen3_5:qwen3_5",
    "qwen3_5_moe": "multimodal.qwen3_5:qwen3_5_moe",
    "blip_2_qformer": "vision.qformer:blip_2_qformer",
    "vit": "vision.vit:vit",
    "swin": "vision.swin:swin",
    "donut-swin": "vision.swin:donut_swin",
    "gemma3n_vision": "vision.mobilenetv5:gemma3n_vision",
    "gemma4_vision": "vision.gemma4:gemma4_vision",
    "gemma3n": "multimodal.gemma3n:gemma3n",
    "gemma4": "multimodal.gemma4:gemma4",
    "gemma4_unified": "multimodal.gemma4:gemma4_unified",
    "phi4_multimodal": "multimodal.phi4_multimodal:phi4_multimodal",
    "phi4_multimodal_vision": "vision.phi4_multimodal:phi4_multimodal_vision",
    # mixtures of experts
    "deepseek_v32": "text.deepseek_dsa:deepseek_v32",
    "glm_moe_dsa": "text.deepseek_dsa:glm_moe_dsa",
    "glm4_moe": "text.glm4_moe:glm4_moe",
    "glm4_moe_lite": "text.glm4_moe:glm4_moe_lite",
    "axk1": "text.axk:axk1",
    "axk2": "text.axk:axk2",
    "olmoe": "text.olmoe:olmoe",
    "flex_olmo": "text.olmoe:flex_olmo",
    "granitemoe": "text.granitemoe:granitemoe",
    "granitemoeshared": "text.granitemoe:granitemoeshared",
    "granitemoe_swa": "text.granitemoe:granitemoe_swa",
    "dots1": "text.dots1:dots1",
    "exaone_moe": "text.exaone_moe:exaone_moe",
    "ernie4_5_moe": "text.ernie4_5_moe:ernie4_5_moe",
    "cohere2_moe": "text.cohere2_moe:cohere2_moe",
    "afmoe": "text.afmoe:afmoe",
    "dbrx": "text.dbrx:dbrx",
    "bailing_hybrid": "text.bailing_hybrid:bailing_hybrid",
    "mellum": "text.mellum:mellum",
    "beam": "text.beam:beam",
    "flint": "text.flint:flint",
    "kolibri1": "text.kolibri1:kolibri1",
    "deepseek_v4": "text.deepseek_v4:deepseek_v4",
    "deepseek_ref": "text.deepseek_v4:deepseek_v4",
    "dots3_note_text": "text.dots3_note:dots3_note_text",
    "hunyuan_v1_moe": "text.hunyuan_moe:hunyuan_v1_moe",
    "hy_v3": "text.hunyuan_moe:hy_v3",
    "hy_v4": "text.hy_v4:hy_v4",
    "inkling_text": "text.inkling:inkling_text",
    "inkling2_text": "text.inkling2:inkling2_text",
    "jetmoe": "text.jetmoe:jetmoe",
    "laguna": "text.laguna:laguna",
    "longcat_flash": "text.longcat_flash:longcat_flash",
    "mimo_v2_flash": "text.mimo_v2_flash:mimo_v2_flash",
    "minimax": "text.minimax:minimax",
    "minimax_m2": "text.minimax:minimax_m2",
    "minimax_m3_vl_text": "text.minimax_m3:minimax_m3_vl_text",
    "phimoe": "text.phimoe:phimoe",
    "qwen2_moe": "text.qwen2_moe:qwen2_moe",
    "qwen4_exp_text": "text.qwen4_exp:qwen4_exp_text",
    "solar_open": "text.solar_open:solar_open",
    "zaya": "text.zaya:zaya",
    "qwen4_exp": "multimodal.qwen4_exp:qwen4_exp",
    "qwen4_exp_vision": "vision.qwen4_exp:qwen4_exp_vision",
    # speech and audio
    "qwen2_audio_encoder": "audio.whisper_encoder:qwen2_audio_encoder",
    "voxtral_encoder": "audio.whisper_encoder:voxtral_encoder",
    "audioflamingo3_encoder": "audio.whisper_encoder:voxtral_encoder",
    "moss_transcribe_diarize_audio": "audio.whisper_encoder:moss_transcribe_diarize_audio",
    "glmasr_encoder": "audio.glmasr:glmasr_encoder",
    "qwen3_asr_encoder": "audio.qwen3_asr:qwen3_asr_encoder",
    "qwen2_audio": "multimodal.audio:qwen2_audio",
    "audioflamingo3": "multimodal.audio:audioflamingo3",
    "musicflamingo": "multimodal.audio:musicflamingo",
    "voxtral": "multimodal.audio:voxtral",
    "glmasr": "multimodal.audio:glmasr",
    "voxtral_realtime_encoder": "audio.voxtral_realtime:voxtral_realtime_encoder",
    "moss_transcribe_diarize": "multimodal.transcribe:moss_transcribe_diarize",
    "qwen3_asr": "multimodal.transcribe:qwen3_asr",
    "voxtral_realtime": "multimodal.transcribe:voxtral_realtime",
    "voxtral_realtime_text": "text.voxtral_realtime:voxtral_realtime_text",
    "dots3_note_audio_encoder": "audio.dots3_note:dots3_note_audio_encoder",
    "granite_speech_encoder": "audio.granite_speech:granite_speech_encoder",
    "granite_speech_plus_encoder": "audio.granite_speech:granite_speech_encoder",
    "granite_speech": "multimodal.granite_speech:granite_speech",
    "granite_speech_plus": "multimodal.granite_speech:granite_speech_plus",
    "gemma3n_audio": "audio.gemma3n:gemma3n_audio",
    "gemma4_audio": "audio.gemma4:gemma4_audio",
    "seamless_m4t": "audio.seamless_m4t:seamless_m4t",
    "seamless_m4t_v2": "audio.seamless_m4t:seamless_m4t_v2",
    "encodec": "audio.encodec:encodec",
    "mimi": "audio.mimi:mimi",
    "mimi_encoder": "audio.mimi_halves:mimi_encoder",
    "mimi_decoder": "audio.mimi_halves:mimi_decoder",
    "moshi": "multimodal.moshi:moshi",
    "moshi_depth": "text.moshi:moshi_depth",
    "musicgen_decoder": "text.musicgen:musicgen_decoder",
    "musicgen_melody_decoder": "text.musicgen:musicgen_melody_decoder",
    "musicgen": "multimodal.musicgen:musicgen",
    "musicgen_melody": "multimodal.musicgen:musicgen_melody",
    "vibevoice_acoustic_tokenizer": "audio.vibevoice:vibevoice_acoustic_tokenizer",
    "vibevoice_acoustic_tokenizer_encoder": "audio.vibevoice:vibevoice_acoustic_tokenizer_encoder",
    "vibevoice_acoustic_tokenizer_decoder": "audio.vibevoice:vibevoice_acoustic_tokenizer_decoder",
    "vibevoice_asr": "multimodal.vibevoice_asr:vibevoice_asr",
    "phi4_multimodal_audio": "audio.phi4_multimodal:phi4_multimodal_audio",
    "wav2vec2": "audio.wav2vec2:wav2vec2",
    "nemotron3_5_transcribe_asr_audio": "audio.nemotron_transcribe:nemotron3_5_transcribe_asr_audio",
    "nemotron3_5_transcribe_word_timestamp": "audio.nemotron_transcribe:nemotron3_5_transcribe_word_timestamp",
    "nemotron3_5_transcribe_audio": "audio.nemotron_diarization:nemotron3_5_transcribe_audio",
    "nemotron3_diarization": "audio.nemotron_diarization:nemotron3_diarization",
    "nemotron3_diarization_audio": "audio.nemotron_diarization:nemotron3_diarization_audio",
    "nemo_speechlm": "multimodal.nemo_speechlm:nemo_speechlm",
}


def family(model_type: str) -> Callable[..., ModelSpec]:
    """The function that reads configs of this type.

    Raises:
        UnsupportedArchitectureError: no description of this type, with the nearest known one as a hint.
    """
    place = REGISTRY.get(model_type)
    if place is None:
        from difflib import get_close_matches

        near = get_close_matches(model_type, REGISTRY, n=3, cutoff=0.6)
        hint = f"Nearest known: {', '.join(near)}" if near else f"{len(REGISTRY)} types are known, such as llama"
        raise UnsupportedArchitectureError(
            f"llmmem does not know the model type {model_type[:60]!r}.", f"{hint}; --as TYPE takes it for one of them."
        )
    module, function = place.split(":")
    return getattr(import_module(f"{__name__}.{module}"), function)  # type: ignore[no-any-return]


def build(c: Config, head: str | None = None) -> ModelSpec:
    """The spec of a config.

    Args:
        c: the config; its ``model_type`` picks the function.
        head: what stands on the stack ("lm", "base", ...) when a wrapper decides it; None: the config's own class.

    Raises:
        ConfigError: no model_type, or values that make no sense.
        UnsupportedArchitectureError: a type or class without a description.
    """
    model_type = c.str("model_type")
    if not model_type:
        where = f"{c.path} of config.json" if c.path else "config.json"
        raise UnsupportedArchitectureError(
            f"{where} names no model_type, so the architecture is unknown.",
            'Add the model_type, such as "llama", or say which architecture to take with --as TYPE.',
        )
    if model_type not in REGISTRY and (inner := _wrapped(c)):
        spec = build(inner, head)
        note = f"{model_type[:60]} is taken as the {spec.model_type} it wraps: nothing else in the config has a size"
        return spec._replace(notes=(*spec.notes, note), dtype=c.str("dtype", "torch_dtype") or spec.dtype)
    return family(model_type)(c, head)


def _wrapped(c: Config) -> Config | None:
    """The language model inside a config of an unknown type, if that is all that has a size in it."""
    for name in ("text_config", "language_config", "llm_config"):
        inner = c.raw.get(name)
        if not (isinstance(inner, dict) and inner.get("model_type") in REGISTRY):
            continue
        rest = {key: value for key, value in c.raw.items() if key != name and inner.get(key) != value}
        if any(size_bearing(key, value) for key, value in rest.items()):
            return None
        return c.sub(name)
    return None

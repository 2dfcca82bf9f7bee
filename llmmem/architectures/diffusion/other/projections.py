"""Small models between a prompt's encoder and the denoiser."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.config import Config
from llmmem.parts.basic import scalars
from llmmem.parts.modules import dense, layer_norm, matrices, under
from llmmem.tensors import ModelSpec

#: extra tokens of the prompt that the CLIP embedding becomes (unCLIP)
_EXTRA = 4


def unclip_text_proj(c: Config, head: str | None = None) -> ModelSpec:
    """UnCLIPTextProjModel (arXiv:2204.06125; diffusers 0.42, pipelines/deprecated/unclip/text_proj.py)."""
    clip, time = c.int("clip_embeddings_dim", default=768, least=1), c.int("time_embed_dim", least=1)
    cross = c.int("cross_attention_dim", least=1)
    extra = c.int("clip_extra_context_tokens", default=_EXTRA, least=1)
    return component(
        c,
        "text_proj",
        scalars("learned_classifier_free_guidance_embeddings", clip),
        dense("embedding_proj", clip, time),
        dense("clip_image_embeddings_project_to_time_embeddings", clip, time),
        dense("clip_extra_context_tokens_proj", clip, extra * cross),
        dense("encoder_hidden_states_proj", clip, cross),
        layer_norm("text_encoder_hidden_states_norm", cross),
        hidden=cross,
    )


def stable_audio_projection(c: Config, head: str | None = None) -> ModelSpec:
    """StableAudioProjectionModel: prompt, start and end in seconds."""
    text, width = c.int("text_encoder_dim", least=1), c.int("conditioning_dim", least=1)
    seconds = (*scalars("time_positional_embedding.0.weights", 128), *dense("time_positional_embedding.1", 257, width))
    return component(
        c,
        "projection_model",
        dense("text_projection", text, width) if text != width else (),
        under("start_number_conditioner", seconds),
        under("end_number_conditioner", seconds),
        hidden=width,
    )


def audioldm2_projection(c: Config, head: str | None = None) -> ModelSpec:
    """AudioLDM2ProjectionModel (arXiv:2308.05734): two prompts become one sequence of the language model's width."""
    first, second = c.int("text_encoder_dim", least=1), c.int("text_encoder_1_dim", least=1)
    width = c.int("langauge_model_dim", "language_model_dim", least=1)  # spelled so in the class
    learned = c.get("use_learned_position_embedding") is not None
    marks = ("sos_embed", "eos_embed", "sos_embed_1", "eos_embed_1")
    return component(
        c,
        "projection_model",
        dense("projection", first, width),
        dense("projection_1", second, width),
        tuple(t for n in marks for t in scalars(n, width)),
        scalars("learnable_positional_embedding", 1, second, c.int("max_seq_length")) if learned else (),
        hidden=width,
    )


def image_projection(c: Config, head: str | None = None) -> ModelSpec:
    """CLIPImageProjection."""
    width = c.int("hidden_size", default=768, least=1)
    return component(c, "image_projection", dense("project", width, width, False), hidden=width)


def image_normalizer(c: Config, head: str | None = None) -> ModelSpec:
    """StableUnCLIPImageNormalizer: mean and spread of CLIP's embeddings."""
    width = c.int("embedding_dim", default=768, least=1)
    return component(c, "image_normalizer", scalars("mean", 1, width), scalars("std", 1, width), hidden=width)


def redux(c: Config, head: str | None = None) -> ModelSpec:
    """ReduxImageEncoder (FLUX.1 Redux)."""
    seen, text = c.int("redux_dim", default=1152, least=1), c.int("txt_in_features", default=4096, least=1)
    return component(
        c, "image_embedder", dense("redux_up", seen, 3 * text), dense("redux_down", 3 * text, text), hidden=text
    )


def ltx2_duration_head(c: Config, head: str | None = None) -> ModelSpec:
    """LTX2DurationHead (diffusers 0.42, pipelines/ltx2/duration_head.py)."""
    width, queries = c.int("pooler_hidden_dim", default=256, least=1), c.int("num_queries", default=1, least=1)
    inner = c.int("mlp_hidden_dim", default=256, least=1)
    pooler = (
        *scalars("query_tokens", queries, width),
        *matrices(width, width, "to_q", "to_k", "to_v", "to_out", bias=True),
    )
    return component(
        c,
        "duration_head",
        dense("video_input_proj", c.int("video_cross_attention_dim", default=4096, least=1), width),
        dense("audio_input_proj", c.int("audio_cross_attention_dim", default=2048, least=1), width),
        scalars("video_modality_emb", width),
        scalars("audio_modality_emb", width),
        under("attention_pooler", pooler),
        dense("mlp_hidden", width * queries, inner),
        dense("mlp_out", inner, 1),
        hidden=width,
    )

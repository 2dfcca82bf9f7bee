"""Phi-4 Multimodal: Phi-3's layers, with pictures and sound embedded beside the text."""

from __future__ import annotations

from math import isqrt

from llmmem.architectures import build
from llmmem.architectures.base import head_of, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.phi3 import phi3
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear
from llmmem.tensors import Block, Images, ModelSpec, Sound, Tensor, Tiles

#: where the language model's class defaults are not Phi-3's
_TEXT = {"vocab_size": 200064, "num_key_value_heads": 8, "max_position_embeddings": 131072}


def phi4_multimodal(c: Config, head: str | None = None) -> ModelSpec:
    """Phi4MultimodalForCausalLM (arXiv:2503.01743; transformers 5.23, models/phi4_multimodal).

    The LoRAs of the modalities are files of their own beside the model's and not among its tensors.
    """
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    text = phi3(Config({**_TEXT, **c.raw}, c.path, c.reads), kind)
    hidden = text.hidden_size
    vision = build(typed(c, "vision_config", "phi4_multimodal_vision"), "base")
    audio = typed(c, "audio_config", "phi4_multimodal_audio")
    tower = build(audio, "base")
    pictures = (
        Tensor("global_img_feature_extensor", (1, 1, vision.hidden_size), "position"),
        Tensor("sub_img_feature_extensor", (1, 1, 1, vision.hidden_size), "position"),
        *linear("img_projection_up", vision.hidden_size, hidden, bias=True, cut=COLUMN),
        *linear("img_projection_down", hidden, hidden, bias=True, cut=ROW),
    )
    width = tower.hidden_size * audio.int("downsample_rate", default=1)
    sounds = tuple(
        t
        for use in ("speech", "vision_speech")
        for t in (
            *linear(f"up_proj_for_{use}", width, hidden, bias=True, cut=COLUMN),
            *linear(f"down_proj_for_{use}", hidden, hidden, bias=True, cut=ROW),
        )
    )
    extend = ("model." if kind == "lm" else "") + "embed_tokens_extend."
    blocks = (
        *text.blocks,
        Block("projector", f"{extend}image_embed.", pictures),
        *vision.placed(f"{extend}image_embed.img_processor."),
        *tower.placed(f"{extend}audio_embed.encoder."),
        Block("projector", f"{extend}audio_embed.", sounds),
    )
    # Windows of 25 milliseconds, each 10 after the last one; every convolution halves the frames.
    halves = audio.int("time_reduction", default=8, least=1).bit_length() - 1
    group = audio.int("downsample_rate", default=1, least=1)
    sound = Sound(tower.hidden_size, padding=160 - 400, convs=((3, 2, 1),) * halves, group=group, whole=False)
    return text._replace(blocks=blocks, images=_images(vision.images), sound=sound)


def _images(one: Images | None) -> Images | None:
    """An overview and up to 36 crops; four patches become a token, and a token ends every row and the overview."""
    if one is None or not one.patches:
        return None
    side = -(-isqrt(one.patches) // 2)
    tiles = Tiles("covering", 36, tokens=side * side, layout="masked")
    return one._replace(tokens=side * (side + 1) + 1, tiles=tiles)

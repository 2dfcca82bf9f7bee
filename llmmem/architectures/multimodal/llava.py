"""LLaVA: any vision tower, a small MLP, any language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import multimodal
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, ROW, linear
from llmmem.tensors import Block, Images, ModelSpec

#: CLIP ViT-L/14 at 336 pixels, which the class takes when there is no vision_config
TOWER = {
    "model_type": "clip_vision_model",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "patch_size": 14,
    "image_size": 336,
}
#: the one tower, of those that files of the original repository name, that this is
_TOWER_NAME = "openai/clip-vit-large-patch14-336"


def llava(c: Config, head: str | None = None) -> ModelSpec:
    """LlavaForConditionalGeneration (arXiv:2304.08485; transformers 5.23, models/llava)."""
    language = c.sub("text_config", model_type="llama")
    notes: tuple[str, ...] = ()
    if c.get("text_config") is None and c.has("hidden_size"):
        language, notes = _original(c)
    vision = c.sub("vision_config", model_type="clip_vision_model")
    if c.get("vision_config") is None:
        vision = Config(dict(TOWER), vision.path, vision.reads)
    text, tower = build(language, "base"), build(vision, "base")
    layers = c.list("vision_feature_layer") if isinstance(c.get("vision_feature_layer"), list) else None
    width = tower.hidden_size * (1 if layers is None else len(layers))
    bias = c.bool("multimodal_projector_bias", default=True)
    projector = (
        *linear("linear_1", width, text.hidden_size, bias=bias, cut=COLUMN),
        *linear("linear_2", text.hidden_size, text.hidden_size, bias=bias, cut=ROW),
    )
    # The language model's own default counts where neither config says anything.
    tied = c.bool("tie_word_embeddings") or bool(build(language, "lm").tied)
    return multimodal(
        c,
        head,
        text,
        (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector)),
        tied=tied,
        images=read_images(c, tower.images),
        notes=notes,
    )


def _original(c: Config) -> tuple[Config, tuple[str, ...]]:
    """The language model of a file of the original repository, which states its sizes at the top.

    Raises:
        UnsupportedArchitectureError: a tower other than CLIP ViT-L/14 at 336 pixels.
    """
    tower = c.str("mm_vision_tower", default=_TOWER_NAME)
    if tower != _TOWER_NAME:
        raise UnsupportedArchitectureError(
            f"llmmem does not know the vision tower {tower[:60]!r} of an original LLaVA file.",
            "Give the config.json of the model in the transformers format (with text_config and vision_config).",
        )
    note = f"an original LLaVA file: language sizes are read from its top level, the tower is {tower}"
    return Config({**c.raw, "model_type": "llama"}, c.path, c.reads), (note,)


def read_images(c: Config, images: Images | None, default: str = "default") -> Images | None:
    """Every vector the tower gives becomes a token, but for the first ("default"), which CLIP has for its class."""
    if images is None or images.patch:
        return images
    first = c.str("vision_feature_select_strategy", default=default) == "default"
    return images._replace(tokens=max(images.tokens - first, 0))

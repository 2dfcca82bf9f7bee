"""Phi-3 and 3.5 Vision: Phi-3, and CLIP's tower inside its embeddings."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, ROW, linear
from llmmem.tensors import Block, ModelSpec, Tensor

#: openai/clip-vit-large-patch14-336, which the class builds whatever the config says
_CLIP = {
    "model_type": "clip_vision_model",
    "hidden_size": 1024,
    "image_size": 336,
    "intermediate_size": 4096,
    "num_attention_heads": 16,
    "num_hidden_layers": 24,
    "patch_size": 14,
}


def phi3_v(c: Config, head: str | None = None) -> ModelSpec:
    """Phi3VForCausalLM (arXiv:2404.14219; code that comes with microsoft/Phi-3-vision-128k-instruct).

    Reproduces its published 4,146,621,440 parameters.

    Raises:
        UnsupportedArchitectureError: another tower or projector than the published models have.
    """
    eyes, layer = c.sub("img_processor"), c.sub("embd_layer")
    name, kind = eyes.str("name", default="clip_vision_model"), layer.str("projection_cls", default="linear")
    if name != "clip_vision_model" or kind != "mlp" or not layer.bool("use_hd_transform"):
        raise UnsupportedArchitectureError(
            "llmmem knows Phi-3 Vision with CLIP ViT-L/14-336, an MLP projector and the HD transform only.",
            "Check img_processor and embd_layer.",
        )
    text = build(Config({**c.raw, "model_type": "phi3"}, c.path, c.reads), "lm")
    tower = build(Config(_CLIP), "base")
    # Squares of four vectors come in side by side.
    cell = 4 * eyes.int("image_dim_out", default=tower.hidden_size)
    separators = (
        (Tensor("glb_GN", (1, 1, cell), "position"), Tensor("sub_GN", (1, 1, 1, cell), "position"))
        if layer.bool("with_learnable_separator")
        else ()
    )
    projector = (
        *separators,
        *linear("img_projection.0", cell, text.hidden_size, bias=True, cut=COLUMN),
        *linear("img_projection.2", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
    )
    place = "model.vision_embed_tokens."
    others = (*tower.placed(f"{place}img_processor.vision_model."), Block("projector", place, projector))
    return multimodal(c, "lm", text, others, text_prefix="", head_prefix=None, notes=(NOT_SIZED,))

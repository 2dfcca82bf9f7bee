"""Models built like CLIP: AltCLIP, Chinese CLIP, CLIPSeg."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, Tensors, conv, linear, scalars
from llmmem.parts.vision import projection, vit_layer
from llmmem.tensors import Block, ModelSpec, Tensor


def _towers(c: Config, name: str) -> tuple[ModelSpec, ModelSpec]:
    """Text and vision; in old files the keys with _dict hold what was set, and their class defaults win too."""
    text = build(c.sub("text_config_dict", "text_config", model_type=f"{name}_text_model"), "projection")
    return text, build(c.sub("vision_config_dict", "vision_config", model_type=f"{name}_vision_model"), "base")


def joint(c: Config, text: ModelSpec, vision: ModelSpec, shared: int, *, prefix: str = "") -> ModelSpec:
    """Both towers, and what leads into the space they share."""
    projector = (
        *scalars("logit_scale"),
        *projection("visual_projection", vision.hidden_size, shared),
        *projection("text_projection", text.hidden_size, shared),
    )
    blocks = (
        *text.placed(f"{prefix}text_model."),
        *vision.placed(f"{prefix}vision_model."),
        Block("projector", prefix, projector),
    )
    spec = model_spec(c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context)
    # A picture becomes no token of the text.
    images = vision.images._replace(tokens=0) if vision.images else None
    return spec._replace(images=images, dtype=dtype_of(c) or text.dtype)


def altclip(c: Config, head: str | None = None) -> ModelSpec:
    """AltCLIPModel (arXiv:2211.06679; transformers 5.23, models/altclip)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    text, vision = _towers(c, "altclip")
    # Here the tower's layers are stored under their older name.
    older = tuple(b._replace(prefix=b.prefix.replace("encoder.layers.", "encoder.layer.")) for b in vision.blocks)
    return joint(c, text, vision._replace(blocks=older), c.int("projection_dim", default=768))


def chinese_clip(c: Config, head: str | None = None) -> ModelSpec:
    """ChineseCLIPModel (arXiv:2211.01335; transformers 5.23, models/chinese_clip)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    return joint(c, *_towers(c, "chinese_clip"), c.int("projection_dim", default=512))


def clipseg(c: Config, head: str | None = None) -> ModelSpec:
    """CLIPSegModel and CLIPSegForImageSegmentation (arXiv:2112.10003; transformers 5.23, models/clipseg)."""
    kind = head_of(c, head, "base")
    if kind not in ("base", "segmentation"):
        raise refuse_head(c, kind)
    text = build(c.sub("text_config_dict", "text_config", model_type="clipseg_text_model"), "base")
    seen = c.sub("vision_config_dict", "vision_config", model_type="clipseg_vision_model")
    vision, shared = build(seen, "base"), c.int("projection_dim", default=512)
    if kind == "base":
        return joint(c, text, vision, shared)
    spec = joint(c, text, vision, shared, prefix="clip.")
    patch = seen.int("patch_size", default=32, least=1)
    return spec._replace(blocks=(*spec.blocks, *_decoder(c, vision.hidden_size, shared, patch)))


def _decoder(c: Config, source: int, shared: int, patch: int) -> tuple[Block, ...]:
    """A narrow stack that reads some layers of the tower and paints a mask."""
    width = c.int("reduce_dim", default=64, least=1)
    heads = c.int("decoder_num_attention_heads", default=4, least=1)
    head_dim = divide(c, "reduce_dim over decoder_num_attention_heads", width, heads)
    read = c.ints("extract_layers")
    depth = 3 if read is None else len(read)
    if c.bool("use_complex_transposed_convolution"):
        half, quarter = width // 2, patch // 4
        paint: Tensors = (
            *conv("transposed_convolution.0", width, width, 3, 3, bias=True),
            *_transposed("transposed_convolution.2", width, half, quarter),
            *_transposed("transposed_convolution.4", half, 1, quarter),
        )
    else:
        paint = _transposed("transposed_convolution", width, 1, patch)
    film = (*linear("film_mul", shared, width, bias=True), *linear("film_add", shared, width, bias=True))
    layer = vit_layer(width, heads, head_dim, c.int("decoder_intermediate_size", default=2048))
    reduces = linear("", source, width, bias=True, cut=COLUMN)
    return (
        Block("decoder", "decoder.", (*film, *paint)),
        Block("decoder", "decoder.reduces.{}", reduces, range(depth)),
        *uniform("decoder", "decoder.layers.{}.", depth, layer),
    )


def _transposed(name: str, inputs: int, outputs: int, kernel: int) -> Tensors:
    """A transposed convolution, whose weight names its inputs first."""
    return (
        Tensor(f"{name}.weight", (inputs, outputs, kernel, kernel), "conv"),
        Tensor(f"{name}.bias", (outputs,), "bias"),
    )

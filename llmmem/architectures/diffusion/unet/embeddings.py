"""What a UNet is told beside the picture: timestep, class, sizes, pooled prompt, pictures, boxes."""

from __future__ import annotations

from typing import Any

from llmmem.architectures.diffusion.base import unknown, whole
from llmmem.architectures.diffusion.unet.gligen import boxes
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, scalars
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, dense, layer_norm, under
from llmmem.tensors import Tensor

#: channels of the hint's convolutions (ControlNet of Kandinsky 2.2)
_HINT = (3, 16, 16, 32, 32, 96, 96, 256, 4)


def time_embedding(c: Config, width: int) -> tuple[int, Tensors]:
    """Width of the timestep's vector, and what makes it."""
    kind = c.str("time_embedding_type", default="positional")
    if kind == "fourier":
        time = c.int("time_embedding_dim", default=0) or 2 * width
        inputs, waves = time, scalars("time_proj.weight", time // 2)
    elif kind == "positional":
        time = c.int("time_embedding_dim", default=0) or 4 * width
        inputs, waves = width, ()
    else:
        raise unknown(c, "time_embedding_type", kind, ("positional", "fourier"))
    extra = c.optional("time_cond_proj_dim")
    return time, (
        *waves,
        *two_layers("time_embedding", inputs, time),
        *(() if extra is None else dense("time_embedding.cond_proj", extra, inputs, False)),
    )


def condition_embeddings(c: Config, time: int, width: int, cross: Any) -> Tensors:
    """encoder_hid_proj, class_embedding, add_embedding and position_net.

    ``cross`` is cross_attention_dim as the config has it, one or a list.
    """
    inputs = time if c.str("time_embedding_type") == "fourier" else width
    first = whole("cross_attention_dim", cross[0] if isinstance(cross, list | tuple) else cross)
    return (
        *text_projection(c, first),
        *class_embedding(c, time, inputs),
        *added_embedding(c, time, first),
        *boxes(c, first),
    )


def text_projection(c: Config, cross: int) -> Tensors:
    """encoder_hid_proj: what the prompt passes on its way to cross attention."""
    given = c.optional("encoder_hid_dim")
    kind = c.str("encoder_hid_dim_type") or ("text_proj" if given is not None else "")
    name = "encoder_hid_proj"
    if not kind:
        return ()
    if given is None:
        raise c.missing("encoder_hid_dim")
    if kind == "text_proj":
        return dense(name, given, cross)
    if kind == "text_image_proj":
        return under(name, dense("image_embeds", cross, 10 * cross), dense("text_proj", given, cross))
    if kind == "image_proj":
        return under(name, dense("image_embeds", given, 32 * cross), layer_norm("norm", cross))
    raise unknown(c, "encoder_hid_dim_type", kind, ("text_proj", "text_image_proj", "image_proj"))


def class_embedding(c: Config, time: int, inputs: int) -> Tensors:
    """class_embedding: what is added to the timestep's vector."""
    kind, classes = c.str("class_embed_type"), c.optional("num_class_embeds")
    name = "class_embedding"
    if not kind:
        return () if classes is None else embedding(name, classes, time)
    if kind == "timestep":
        return two_layers(name, inputs, time)
    if kind == "identity":
        return ()
    if kind == "projection":
        return two_layers(name, c.int("projection_class_embeddings_input_dim"), time)
    if kind == "simple_projection":
        return dense(name, c.int("projection_class_embeddings_input_dim"), time)
    raise unknown(c, "class_embed_type", kind, ("timestep", "identity", "projection", "simple_projection"))


def added_embedding(c: Config, time: int, cross: int) -> Tensors:
    """add_embedding: pooled prompt, sizes and crops (SDXL, arXiv:2307.01952), or a picture (Kandinsky)."""
    kind = c.str("addition_embed_type")
    name = "add_embedding"
    if not kind:
        return ()
    if kind == "text":
        width = c.int("encoder_hid_dim", default=cross)
        pool = (
            *(t for n in ("k_proj", "q_proj", "v_proj") for t in dense(n, width, width)),
            Tensor("positional_embedding", (1, width), "position"),
        )
        return under(
            name,
            layer_norm("norm1", width),
            under("pool", pool),
            dense("proj", width, time),
            layer_norm("norm2", time),
        )
    if kind == "text_image":
        return under(
            name,
            dense("text_proj", cross, time),
            layer_norm("text_norm", time),
            dense("image_proj", cross, time),
        )
    if kind == "text_time":
        return two_layers(name, c.int("projection_class_embeddings_input_dim"), time)
    if kind in ("image", "image_hint"):
        image = (*dense("image_proj", c.int("encoder_hid_dim"), time), *layer_norm("image_norm", time))
        hint = tuple(t for i in range(8) for t in conv2d(f"input_hint_block.{2 * i}", _HINT[i], _HINT[i + 1]))
        return under(name, image, hint if kind == "image_hint" else ())
    raise unknown(c, "addition_embed_type", kind, ("text", "text_image", "text_time", "image", "image_hint"))

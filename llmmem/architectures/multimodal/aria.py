"""Aria: queries, as many as the picture's size asks for, read the tower for a mixture of experts."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import ModelSpec, Tensor


def _queries(c: Config) -> dict[int, int]:
    """Queries by the patches of a picture.

    Raises:
        ConfigError: the table holds something else than whole numbers.
    """
    table = c.get("projector_patch_to_query_dict")
    if table is None:
        return {1225: 128, 4900: 256}
    try:
        return {int(patches): int(queries) for patches, queries in table.items() if int(queries) >= 0}
    except (AttributeError, TypeError, ValueError):
        raise ConfigError("projector_patch_to_query_dict maps patches to queries.", "Check the config.json.") from None


def aria(c: Config, head: str | None = None) -> ModelSpec:
    """AriaForConditionalGeneration (arXiv:2410.05993; transformers 5.23, models/aria)."""
    text = build(typed(c, "text_config", "aria_text"), "base")
    tower = build(c.sub("vision_config", model_type="idefics3_vision"), "base")
    width, table = tower.hidden_size, _queries(c)
    # Saved files repeat the largest number of queries, and the repeated one counts.
    rows = c.int("max_value_projector_patch_to_query_dict", default=max(table.values(), default=0))
    projector = (
        Tensor("query", (rows, width), "position"),
        *linear("cross_attn.q_proj", width, width),
        *linear("cross_attn.k_proj", width, width),
        *linear("cross_attn.v_proj", width, width),
        # A bare parameter, not a torch.nn.Linear: conversions pass it by.
        Tensor("cross_attn.multihead_attn.in_proj_weight", (3 * width, width), "scalar"),
        Tensor("cross_attn.multihead_attn.in_proj_bias", (3 * width,), "bias"),
        *linear("cross_attn.multihead_attn.out_proj", width, width, bias=True),
        *linear("cross_attn.linear", width, width, bias=True),
        *norm("cross_attn.layer_norm", width, bias=True),
        *norm("cross_attn.layer_norm_kv", width, bias=True),
        *norm("layer_norm", width, bias=True),
        *linear("feed_forward.linear_in", width, text.hidden_size, cut=COLUMN),
        *linear("feed_forward.linear_out", text.hidden_size, text.hidden_size, cut=ROW),
    )
    images = tower.images
    if images and not images.patch:
        # Only pictures of the sizes in the table are taken.
        images = images._replace(tokens=table[images.patches]) if images.patches in table else None
    return bridged(c, head, text, tower, projector, tied=c.bool("tie_word_embeddings"), images=images)

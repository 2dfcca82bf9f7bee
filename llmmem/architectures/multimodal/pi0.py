"""Pi0: PaliGemma, and a smaller Gemma beside it that turns what it remembers into a robot's actions."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.stored import renamed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, linear
from llmmem.tensors import Block, ModelSpec

#: what the class takes when there is no vlm_config
_VLM = {
    "model_type": "paligemma",
    "projection_dim": 2048,
    "text_config": {
        "model_type": "gemma",
        "vocab_size": 257152,
        "hidden_size": 2048,
        "intermediate_size": 16384,
        "num_hidden_layers": 18,
        "num_attention_heads": 8,
        "num_key_value_heads": 1,
    },
    "vision_config": {
        "model_type": "siglip_vision_model",
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "num_hidden_layers": 27,
        "num_attention_heads": 16,
        "patch_size": 14,
        "image_size": 224,
        "vision_use_head": False,
    },
}
#: ... and when there is no dit_config
_DIT = {
    "model_type": "gemma",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 18,
    "num_attention_heads": 8,
    "num_key_value_heads": 1,
    "head_dim": 256,
}


def pi0(c: Config, head: str | None = None) -> ModelSpec:
    """PI0ForConditionalGeneration (arXiv:2410.24164; transformers 5.23, models/pi0, under the names it stores).

    Raises:
        ConfigError: the expert's width is odd.
    """
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    seer = build(filled(c, "vlm_config", _VLM), "base")
    dit = filled(c, "dit_config", _DIT)
    # Both read the same words.
    expert = build(Config({**dit.raw, "vocab_size": seer.vocab_size}, dit.path, dit.reads), "base")
    if expert.hidden_size % 2:
        raise ConfigError(f"dit_config.hidden_size is {expert.hidden_size:,}, an odd number.", "Check the config.json.")
    prefix = "paligemma_with_expert."
    acting = renamed(expert, {".embed_tokens.": ".lm_head.", ".layers.": ".model.layers.", ".norm.": ".model.norm."})
    blocks = [
        *seer.placed(f"{prefix}paligemma.model."),
        # Its own keys and values live only as long as one step of denoising.
        *(b._replace(caches=(), work=()) for b in acting.placed(f"{prefix}gemma_expert.", "action")),
        *((Block("action", "", _actions(c, expert.hidden_size)),) if kind == "lm" else ()),
    ]
    spec = model_spec(
        c, blocks, hidden=seer.hidden_size, vocab=seer.vocab_size, max_context=seer.max_context, notes=seer.notes
    )
    return spec._replace(dtype=spec.dtype or seer.dtype, images=seer.images)


def _actions(c: Config, hidden: int) -> Tensors:
    """The robot's state, noisy actions and the time in; cleaner actions out."""
    action, state = c.int("max_action_dim", default=32), c.int("max_state_dim", default=32)
    return (
        *linear("action_in_proj", action, hidden, bias=True),
        *linear("state_proj", state, hidden, bias=True),
        *linear("action_time_mlp_in", 2 * hidden, hidden, bias=True),
        *linear("action_time_mlp_out", hidden, hidden, bias=True),
        *linear("action_out_proj", hidden, action, bias=True),
    )

"""MiMo-7B: Qwen2 with layers that predict deeper."""

from __future__ import annotations

from llmmem.architectures.base import language_model
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.architectures.text.qwen2 import qwen_windows
from llmmem.config import Config
from llmmem.parts.basic import linear, norm
from llmmem.tensors import Block, ModelSpec


def mimo(c: Config, head: str | None = None) -> ModelSpec:
    """MiMoForCausalLM (arXiv:2505.07608; code that comes with XiaomiMiMo/MiMo-7B-Base).

    With its prediction layer it reproduces the 15,666,819,072 stored bytes of a published fine-tune.
    """
    s = sizes(c, hidden=4096, heads=32, intermediate=22016, kv_heads=32)
    windows = qwen_windows(c, c.count("num_hidden_layers", default=32), 28)
    deep = llama_layers(s, [("full", None)], bias=(True, True, True))[0].tensors
    predictor = (
        *(t for name in ("token_layernorm", "hidden_layernorm", "final_layernorm") for t in norm(name, s.hidden)),
        # The joining matrix stays unquantised like a router.
        *linear("input_proj", 2 * s.hidden, s.hidden, role="router"),
        *deep,
    )
    count = c.count("num_nextn_predict_layers", default=0)
    note = "The model's own class loads its prediction layers as well; inference engines leave them out."
    return language_model(
        c,
        head,
        llama_layers(s, windows, bias=(True, True, True)),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
        mtp=(Block("mtp", "mtp_layers.{}.", predictor, range(count), loaded=False),) if count else (),
        notes=(note,) if count else (),
    )

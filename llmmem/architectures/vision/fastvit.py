"""FastViT, the vision tower of FastVLM, as timm builds it for inference (timm 1.0, models/fastvit.py)."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import Tensors, batch_norm, conv, norm, scalars
from llmmem.tensors import Block, Images, ModelSpec, Part, Work, join

#: the one network of timm that is known
_NAME = "fastvit_mci3"
#: layers and channels of every stage; the last two have attention
_STAGES = ((2, 96), (12, 192), (24, 384), (4, 768), (2, 1536))
_HEAD_DIM = 32
#: one picture, as published preprocessor_config.json files have it: its sides, and the side of a token
_SIDE, _PATCH = 1024, 64


def fastvit(c: Config, head: str | None = None) -> ModelSpec:
    """TimmWrapperModel around fastvit_mci3 with its branches folded into single convolutions (arXiv:2412.13303).

    Raises:
        UnsupportedArchitectureError: another of timm's models, or arguments this does not follow.
    """
    no_head(c, head)
    name, args = c.str("architecture", default=_NAME), c.sub("model_args")
    if name != _NAME or not args.bool("inference_mode") or args.raw.keys() - {"inference_mode"}:
        raise UnsupportedArchitectureError(
            f"llmmem does not know the timm model {name[:40]!r} with these model_args.",
            f'Known: {_NAME} with {{"inference_mode": true}}.',
        )
    first, last = _STAGES[0][1], 2 * _STAGES[-1][1]
    stem = (
        *_folded("0", first, 3, 3),
        *_folded("1", first, 1, 3),
        *_folded("2", first, first, 1),
    )
    blocks = [Block("vision", "timm_model.stem.", stem)]
    for i, (layers, width) in enumerate(_STAGES):
        points = 4 ** (len(_STAGES) - 1 - i)
        between: Tensors = ()
        if i:
            between = (*_folded("downsample.proj.0", width, 1, 7), *_folded("downsample.proj.1", width, width, 1))
        attends = i >= len(_STAGES) - 2
        if attends:
            between += _folded("pos_emb", width, 1, 7)
        part = _attention(width) if attends else _mixer(width)
        part = part._replace(work=tuple(w._replace(width=w.width * points) for w in part.work))
        place = f"timm_model.stages.{i}."
        blocks += [Block("vision", place, between), *uniform("vision", f"{place}blocks.{{}}.", layers, part)]
    end = (
        *conv("se.fc1", last // 16, last, 1, 1, bias=True),
        *conv("se.fc2", last, last // 16, 1, 1, bias=True),
        *conv("reparam_conv", last, 1, 3, 3, bias=True),
    )
    blocks.append(Block("vision", "timm_model.final_conv.", end))
    # What the config states as hidden_size need not be what the network has.
    hidden = c.int("hidden_size", default=last)
    tokens = (_SIDE // _PATCH) ** 2
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(tokens, tokens, hidden, (_SIDE, _SIDE)))


def _folded(name: str, outputs: int, inputs: int, kernel: int) -> Tensors:
    return conv(f"{name}.reparam_conv", outputs, inputs, kernel, kernel, bias=True)


def _feed_forward(width: int) -> Part:
    tensors = (
        *conv("mlp.conv.conv", width, 1, 7, 7),
        *batch_norm("mlp.conv.bn", width),
        *conv("mlp.fc1", 4 * width, width, 1, 1, bias=True),
        *conv("mlp.fc2", width, 4 * width, 1, 1, bias=True),
    )
    return Part(tensors, (), (Work("conv", 9 * width),))


def _mixer(width: int) -> Part:
    return join(_folded("token_mixer", width, 1, 3), _feed_forward(width), scalars("layer_scale.gamma", width, 1, 1))


def _attention(width: int) -> Part:
    heads = width // _HEAD_DIM
    names = ("token_mixer.qkv", "token_mixer.proj")
    return join(
        norm("norm", width, bias=True),
        fused_attention(names, width, heads, heads, _HEAD_DIM, out_bias=True, cache=None),
        scalars("layer_scale_1.gamma", width, 1, 1),
        _feed_forward(width),
        scalars("layer_scale_2.gamma", width, 1, 1),
    )

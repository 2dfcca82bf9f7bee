"""Qwen4-Exp's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Work, join

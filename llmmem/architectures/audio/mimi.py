"""Mimi, the codec of Moshi."""

from __future__ import annotations

from math import ceil, prod

from llmmem.architectures.base import head_of, head_width, model_spec, no_head, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import buffer, conv, norm, scalars
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.mlp import mlp
from llmmem.parts.seanet import SeaNet, seanet_decoder, seanet_encoder
from llmmem.tensors import Block, ModelSpec, join

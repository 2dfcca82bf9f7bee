"""RFdiffusion 4's denoiser of proteins."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, unknown
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.modules import dense, under
from llmmem.parts.proteins import WIDTHS, adaptive, pair_attention, pair_update, tables, transition
from llmmem.tensors import ModelSpec

SEQUENCE = (
    *("xt_bb_ca", "xt_local_latents", "token_type", "sequence_probabilities", "cond_a37coors_nm"),
    *("cond_a37coors_internal_nm", "rasa_binned", "secondary_structure", "hbond_modernized", "pistack", "pication"),
    *("saltbridge", "hydrophobic", "metal_coord", "na_ss_state", "hotspot", "atom_charge", "atomic_element"),
    *("coord_group_seq", "chirality", "chain_centroid_xyz"),
)
TIMES = ("time_emb_bb_ca", "time_emb_local_latents")
CONDITION = (*TIMES, "cath_code", "recycle_remaining")
PAIRS = (
    *("xt_bb_ca_pair_dists", "bond_mask", "bond_order", "is_aromatic", "index_group_pair", "molecule_idx_pair"),
    *("molecule_entity_pair", "token_bond_path_length", "canonical_polymer_ordering", "na_ss_pair"),
)


def _widths(c: Config) -> dict[str, int]:
    """Width of every feature: some are the config's."""
    time = c.int("t_emb_dim", default=256, least=1)
    return {
        **WIDTHS,
        **dict.fromkeys(TIMES, time),
        "recycle_remaining": c.int("recycle_conditioning_dim", default=1, least=1),
        "token_type": c.int("token_type_emb_dim", default=32, least=1),
        "xt_local_latents": c.int("latent_dim", default=32, least=1),
        "token_bond_path_length": c.int("seq_sep_dim", default=64, least=1),
        "xt_bb_ca_pair_dists": c.int("xt_pair_dist_dim", default=30, least=1),
        "cath_code": 3 * c.int("cath_emb_dim", default=32, least=1),
    }


def _features(c: Config, key: str, default: tuple[str, ...], width: int, *, normed: bool = False) -> Tensors:
    """Named features side by side, brought to one width."""
    widths, given = _widths(c), c.list(key)
    names = list(default) if given is None else given
    for name in names:
        if not isinstance(name, str) or name not in widths:
            raise unknown(c, key, name, sorted(widths))
    if not names:
        return ()
    tokens = c.int("num_token_types", default=7, least=1)
    return (
        *tables(names, widths["token_type"], tokens, widths["cath_code"] // 3),
        *(norm("ln_out", width) if normed else ()),
        *dense("linear_out", sum(widths[n] for n in names), width, False),
    )


def _layer(width: int, pair: int, heads: int, condition: int) -> Tensors:
    return (
        *under(
            "mhba",
            adaptive("adaln", width, condition),
            pair_attention("mha", width, pair, heads),
            dense("scale_output.0", condition, width),
        ),
        *under(
            "transition",
            adaptive("adaln", width, condition),
            transition("transition", width, 4),
            dense("scale_output.0", condition, width),
        ),
    )


def rfd4_proteina(c: Config, head: str | None = None) -> ModelSpec:
    """RFD4ProteinaTransformer (diffusers 0.42, models/transformers/transformer_rfd4_proteina.py)."""
    width, condition = c.int("token_dim", default=768, least=1), c.int("dim_cond", default=256, least=1)
    pair, heads = c.int("pair_repr_dim", default=384, least=1), c.int("nheads", default=12, least=1)
    divide(c, "token_dim", width, heads)
    count, every = c.count("nlayers", default=14, least=1), c.int("update_pair_repr_every_n", default=2, least=1)
    compact = _features(c, "feats_pair_cond", TIMES, condition, normed=True)
    builder = (
        *under("init_repr_factory", _features(c, "feats_pair_repr", PAIRS, pair, normed=True)),
        *under("cond_factory", compact),
        *(adaptive("adaln", pair, condition) if compact else ()),
    )
    ends = {
        "local_latents_linear": c.int("latent_dim", default=32, least=1),
        "ca_linear": 3,
        "sequence_readout": c.int("num_sequence_classes", default=147, least=1),
    }
    inner = c.int("tri_mult_c", default=256, least=1)
    return component(
        c,
        "transformer",
        under("init_repr_factory", _features(c, "feats_seq", SEQUENCE, width)),
        under("cond_factory", _features(c, "feats_cond_seq", CONDITION, condition)),
        *(transition(f"transition_c_{n}", condition, 2) for n in (1, 2)),
        under("pair_repr_builder", builder),
        layers("transformer_layers", count, _layer(width, pair, heads, condition)),
        layers("pair_update_layers", range(0, count - 1, every), pair_update(width, pair, inner)),
        (*norm("s_cycle_norm", width), *dense("s_cycle_proj", width, width, False)),
        (*norm("z_cycle_norm", pair), *dense("z_cycle_proj", pair, pair, False)),
        *((*norm(f"{name}.0", width), *dense(f"{name}.1", width, out, False)) for name, out in ends.items()),
        *(dense(f"insertion_{n}_proj", width, width, False) for n in ("q", "k")),
        hidden=width,
    )

"""Features of proteins and bricks that act on them and on pairs of them (AlphaFold 2 and 3)."""

from __future__ import annotations

from llmmem.parts.basic import Tensors, embedding, norm
from llmmem.parts.modules import dense, gather, layer_norm, matrices, under

#: features of a fixed width
WIDTHS = {
    "xt_bb_ca": 3,
    "rasa_binned": 37,
    "chain_centroid_xyz": 3,
    "secondary_structure": 16,
    "hbond_modernized": 74,
    "pistack": 37,
    "pication": 74,
    "saltbridge": 37,
    "hydrophobic": 37,
    "metal_coord": 37,
    "hotspot": 37,
    "sequence_probabilities": 56,
    "na_ss_state": 2,
    "coord_group_seq": 37,
    "atom_charge": 16,
    "atomic_element": 16,
    "chirality": 18,
    "cond_a37coors_nm": 148,
    "cond_a37coors_internal_nm": 148,
    "molecule_idx_pair": 1,
    "molecule_entity_pair": 1,
    "index_group_pair": 1,
    "bond_mask": 1,
    "bond_order": 5,
    "is_aromatic": 1,
    "na_ss_pair": 2,
    "canonical_polymer_ordering": 1,
}
#: features that are looked up in a table -> its rows
TABLES = {"secondary_structure": 4, "atom_charge": 11, "atomic_element": 128}
#: levels of the CATH classification -> their classes
CATH = {"c": 6, "a": 44, "t": 1473}


def transition(name: str, width: int, expansion: int) -> Tensors:
    """A gated feed-forward layer."""
    inner = width * expansion
    return under(name, dense("swish_linear.0", width, 2 * inner, False), dense("linear_out", inner, width, False))


def adaptive(name: str, width: int, condition: int) -> Tensors:
    """A norm whose scale and shift follow a condition."""
    return under(
        name,
        norm("norm_cond", condition),
        dense("to_gamma.0", condition, width),
        dense("to_beta", condition, width, False),
    )


def pair_attention(name: str, width: int, pair: int, heads: int) -> Tensors:
    """Gated attention that the pairs bias."""
    return under(
        name,
        norm("node_norm", width),
        matrices(width, width, "to_q", "to_k", "to_v", "to_g", "to_out", bias=True),
        norm("norm_q", width),
        norm("norm_k", width),
        dense("to_bias", pair, heads, False),
        norm("pair_norm", pair),
    )


def triangle(name: str, width: int, inner: int) -> Tensors:
    """Triangle multiplication."""
    return under(
        name,
        matrices(width, inner, "linear_a_p", "linear_a_g", "linear_b_p", "linear_b_g"),
        dense("linear_g", width, width, False),
        dense("linear_z", inner, width, False),
        norm("layer_norm_in", width),
        norm("layer_norm_out", inner),
    )


def pair_update(width: int, pair: int, inner: int) -> Tensors:
    """From single features to pairs of them."""
    return gather(
        (
            layer_norm("layer_norm_in", width),
            dense("linear_x", width, 2 * pair, False),
            triangle("tri_mult_out", pair, inner),
            triangle("tri_mult_in", pair, inner),
            layer_norm("transition_out.layer_norm", pair),
            dense("transition_out.linear_1", pair, 2 * pair),
            dense("transition_out.linear_2", 2 * pair, pair),
        )
    )


def tables(names: list[str], width: int, tokens: int, cath: int) -> Tensors:
    """Tables of those features that have one.

    Args:
        width, tokens: of the table of token types.
        cath: width of each level of CATH.
    """
    tensors: list[Tensors] = []
    for name in names:
        if name == "token_type":
            tensors.append(embedding(name, tokens, width))
        elif name == "cath_code":
            tensors += [embedding(f"{name}.{level}", rows, cath) for level, rows in CATH.items()]
        elif name in TABLES:
            tensors.append(embedding(name, TABLES[name], WIDTHS[name]))
    return under("feature_modules", *tensors)

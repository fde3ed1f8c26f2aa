"""Networks as rows of zeros and ones, what dense and linear models read.

OFA-MobileNetV3 in the 128 inputs of arXiv 2101.00732 (kernel sizes, expansion ratios,
resolution; blocks left out by the depth are zeros), or, where a resolution is no multiple
of 16, in HELP's 145 inputs, which tell all resolutions apart.  Any other space: each
decision one-hot (zeros where it does not matter), and the resolution one-hot where there
is more than one.
"""

from __future__ import annotations

import numpy as np

from gnomon.accuracy import ofa
from gnomon.evaluation.data.networks import one_hot
from gnomon.evaluation.task import Networks

OFA_SPACE = "ofa-mbv3"
OFA_STEP = 16
"""Pixels between the resolutions that the 128 inputs tell apart."""


def codes(networks: Networks) -> np.ndarray:
    """(n, inputs), float32."""
    if networks.space == OFA_SPACE:
        known = ofa_networks(networks)
        return ofa.ofa_code(known) if _is_coarse(networks) else ofa.help_code(known)
    sizes = networks.resolution[:, None] == _sizes(networks)
    return np.concatenate([one_hot(networks)[0], sizes], axis=1).astype(np.float32)


def as_data(networks: Networks) -> dict[str, dict[str, list[list[float]]]]:
    """The same code as model files say it: decision -> option -> [input, value] that it sets.

    The resolutions of the space OFA-MobileNetV3 are those of its code; other spaces have those
    that occur.
    """
    if networks.space == OFA_SPACE:
        blocks = ofa.block_encoding()
        first, least, step = 6 * ofa.BLOCKS, ofa.RESOLUTIONS[0], 4
        if _is_coarse(networks):
            least, step = 112, OFA_STEP
        sizes = {str(r): [[first + (r - least) // step, 1]] for r in ofa.RESOLUTIONS}
        return {"resolution": sizes, **blocks}
    result, first = {}, 0
    for decision, options in zip(networks.names, networks.options, strict=True):
        result[decision] = {option: [[first + i, 1]] for i, option in enumerate(options)}
        first += len(options)
    sizes = _sizes(networks)
    if len(sizes):
        result["resolution"] = {str(size): [[first + i, 1]] for i, size in enumerate(sizes)}
    return result


def _is_coarse(networks: Networks) -> bool:
    return bool(np.all(networks.resolution % OFA_STEP == 0))


def _sizes(networks: Networks) -> np.ndarray:
    """The resolutions that occur, where there are several."""
    sizes = np.unique(networks.resolution)
    return sizes if len(sizes) > 1 else sizes[:0]


def ofa_networks(networks: Networks) -> ofa.Networks:
    """Networks of OFA-MobileNetV3 by kernel size, expansion ratio and depth."""
    place = {name: index for index, name in enumerate(networks.names)}

    def chosen(decision: str, order: list[str]) -> np.ndarray:
        """Indices into `order`; 0 where the decision does not matter."""
        options = networks.options[place[decision]]
        known = np.array([order.index(option) for option in options])
        return known[np.maximum(networks.choices[:, place[decision]], 0)]

    kinds = [ofa.option_name(k, e) for k in range(3) for e in range(3)]
    blocks = np.stack([chosen(ofa.block_name(b), kinds) for b in range(ofa.BLOCKS)], axis=1)
    deep = [f"d{depth}" for depth in ofa.DEPTHS]
    depths = np.stack([chosen(ofa.depth_name(s), deep) for s in range(ofa.STAGES)], axis=1)
    kernels, ratios = np.divmod(blocks, len(ofa.RATIOS))
    return ofa.Networks(kernels, ratios, depths, networks.resolution)

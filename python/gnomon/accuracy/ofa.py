"""OFA-MobileNetV3 networks as arrays, and OFA's 128 inputs of an accuracy network.

The code: kernel sizes one-hot (20 blocks x 3), expansion ratios one-hot (20 x 3), the
resolution one-hot (8, at (r - 112) / 16).  Blocks that the depth of their stage leaves out
are zeros.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KERNELS = (3, 5, 7)
RATIOS = (3, 4, 6)
DEPTHS = (2, 3, 4)
STAGES, SLOTS = 5, 4
BLOCKS = STAGES * SLOTS
RESOLUTIONS = tuple(range(128, 225, 4))
"""What the space searches over."""

TRAINED_RESOLUTIONS = (160, 176, 192, 208, 224)
"""What the published network was trained on; the bits below 160 hold what they began with."""


def block_name(block: int) -> str:
    """The decision of a block."""
    return f"stage{block // SLOTS + 1}_block{block % SLOTS}"


def depth_name(stage: int) -> str:
    """The decision of a stage's depth."""
    return f"stage{stage + 1}_depth"


def option_name(kernel: int, ratio: int) -> str:
    """The option of a block: indices of kernel size and expansion ratio."""
    return f"k{KERNELS[kernel]}e{RATIOS[ratio]}"


@dataclass(frozen=True)
class Networks:
    """Networks drawn from the space, one a row."""

    kernels: np.ndarray
    """Indices into KERNELS, (n, 20)."""
    ratios: np.ndarray
    """Indices into RATIOS, (n, 20)."""
    depths: np.ndarray
    """Indices into DEPTHS, (n, 5)."""
    resolutions: np.ndarray
    """Pixels, (n,)."""

    def __len__(self) -> int:
        return len(self.resolutions)

    def active(self) -> np.ndarray:
        """Which blocks a network has, (n, 20)."""
        slots = np.arange(SLOTS)[None, None, :]
        return (slots < self.depths[:, :, None] + DEPTHS[0]).reshape(len(self), BLOCKS)

    def at(self, resolutions: np.ndarray) -> Networks:
        """The same networks at other resolutions."""
        return Networks(self.kernels, self.ratios, self.depths, resolutions)


def draw(
    count: int, rng: np.random.Generator, resolutions: tuple[int, ...] = RESOLUTIONS
) -> Networks:
    """Every decision uniformly."""
    return Networks(
        rng.integers(0, len(KERNELS), (count, BLOCKS)),
        rng.integers(0, len(RATIOS), (count, BLOCKS)),
        rng.integers(0, len(DEPTHS), (count, STAGES)),
        rng.choice(np.array(resolutions), count),
    )


def block_bits(networks: Networks) -> np.ndarray:
    """The first 120 inputs, which all accuracy networks of the space share."""
    active = networks.active()[:, :, None]
    kernels = np.eye(len(KERNELS), dtype=np.float32)[networks.kernels] * active
    ratios = np.eye(len(RATIOS), dtype=np.float32)[networks.ratios] * active
    flat = (len(networks), -1)
    return np.concatenate([kernels.reshape(flat), ratios.reshape(flat)], axis=1)


def block_encoding() -> dict[str, dict[str, list[list[float]]]]:
    """The code of `block_bits` as data: decision -> option -> [input, value] that it sets."""
    return {
        block_name(block): {
            option_name(k, e): [[3 * block + k, 1], [3 * BLOCKS + 3 * block + e, 1]]
            for k in range(len(KERNELS))
            for e in range(len(RATIOS))
        }
        for block in range(BLOCKS)
    }


def ofa_code(networks: Networks) -> np.ndarray:
    """OFA's 128 inputs."""
    bits = np.eye(8, dtype=np.float32)[(networks.resolutions - 112) // 16]
    return np.concatenate([block_bits(networks), bits], axis=1).astype(np.float32)


def help_code(networks: Networks) -> np.ndarray:
    """HELP's 145 inputs: the same 120, and the 25 resolutions of the space one-hot."""
    bits = np.eye(len(RESOLUTIONS), dtype=np.float32)[(networks.resolutions - RESOLUTIONS[0]) // 4]
    return np.concatenate([block_bits(networks), bits], axis=1).astype(np.float32)

"""The published accuracy network, asked where it was trained and extended where it was not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gnomon.accuracy.ofa import TRAINED_RESOLUTIONS, Networks, draw, ofa_code

LOWEST = TRAINED_RESOLUTIONS[0]
STEP = TRAINED_RESOLUTIONS[1] - TRAINED_RESOLUTIONS[0]
CURVE_NETWORKS = 2000


class Teacher:
    """Answers for any resolution of the space.

    Between two trained resolutions it answers with what lies between theirs.  Below 160 it
    adds to the answer at 160 what a parabola through the mean answers of the five trained
    resolutions loses from there on: an extension that nothing was compared with.
    """

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        self._curve = self._mean_curve()

    def trained(self, networks: Networks) -> np.ndarray:
        """What the network itself says, float64."""
        parts = np.array_split(ofa_code(networks), max(1, len(networks) // 10000))
        answers = [self._session.run(None, {self._input: part})[0] for part in parts]
        return np.concatenate(answers).reshape(-1).astype(np.float64)

    def __call__(self, networks: Networks) -> np.ndarray:
        """Accuracy as a fraction, for any resolutions."""
        resolutions = networks.resolutions
        below = np.clip(resolutions - (resolutions - LOWEST) % STEP, LOWEST, None)
        above = np.clip(below + STEP, None, TRAINED_RESOLUTIONS[-1])
        share = np.clip((resolutions - below) / STEP, 0, None)
        low, high = self.trained(networks.at(below)), self.trained(networks.at(above))
        return low + share * (high - low) + self.extension(resolutions)

    def extension(self, resolutions: np.ndarray) -> np.ndarray:
        """What resolutions below the trained ones lose against the lowest trained one."""
        lost = np.polyval(self._curve, resolutions) - np.polyval(self._curve, LOWEST)
        return np.where(resolutions < LOWEST, lost, 0.0)

    def _mean_curve(self) -> np.ndarray:
        networks = draw(CURVE_NETWORKS, np.random.default_rng(0))
        means = [
            self.trained(networks.at(np.full(len(networks), r))).mean() for r in TRAINED_RESOLUTIONS
        ]
        return np.polyfit(TRAINED_RESOLUTIONS, means, 2)

"""Bayesian combination of devices: what a few samples of a column say of all networks.

Every known column is a hypothesis: "the target is this column times a constant, plus a
deviation".  Deviations are Gaussian: towards the other known columns, and in the time that parts
of a network take.  How large they are, and how noisy the samples, is not known: a hypothesis
holds one pair of values of a grid, small deviations being likelier before samples.  The samples
weigh the hypotheses by their evidence (MacKay, Neural Computation 4, 1992), and the answer is the
mean of all posteriors.  Noise is Student's, so that single samples may be far off.

All functions of a network are linear in its columns' times, its parts and its choices, so a
posterior is a weight a feature, and predicting is a product of matrices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

SMALLEST = 0.1
"""Noise is relative to the latency, or to this share of the mean latency where that is more."""
MOST = 40
"""Hypotheses that are heard in a prediction."""


@dataclass(frozen=True)
class Prior:
    """Strengths of the deviations, as variances relative to the squared mean latency."""

    columns: float = 1.0
    """Of the combination of differences to the other columns."""
    scale: float = 1.0
    """Of the constant, where nothing is known of it."""
    temperatures: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    """Factors of the deviations' variances; one a hypothesis."""
    calm: float = 0.25
    """A temperature's weight before samples is its inverse, to this power."""
    noises: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1, 0.25)
    """Standard deviations of a sample relative to its latency; one a hypothesis."""
    freedom: float = 1.5
    """Degrees of freedom of the noise."""
    rounds: int = 6
    """In which samples are weighted down by how far off they are."""


@dataclass(frozen=True)
class Anchor:
    """A hypothesis of where the target lies."""

    name: str
    shape: np.ndarray
    """(n,): the time of every network, with a mean of one."""
    log_weight: float = 0.0
    scale_ms: float | None = None
    """What the shape is multiplied with; None where that is not known before samples."""
    scale_spread: float = 0.0
    """Its relative standard deviation, where it is known."""


@dataclass(frozen=True)
class Space:
    """What deviations are made of, for all n networks."""

    columns: np.ndarray
    """(n, S): times of the known columns, each with a mean of one."""
    parts: np.ndarray
    """(n, P): parts of a network's time, each as large as it is believed to deviate."""

    def alike(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """(left, right): covariance of what parts deviate by; the same for every anchor."""
        return self.parts[left] @ self.parts[right].T

    @cached_property
    def own(self) -> np.ndarray:
        """(n,): the diagonal of it."""
        return np.sum(self.parts**2, axis=1)


@dataclass(frozen=True)
class Posterior:
    """Of one anchor, at all temperatures T and noises V."""

    anchor: Anchor
    scale: float
    log_evidence: np.ndarray
    """(T, V)"""
    pull: np.ndarray
    """(T, V, k): what each sample adds along its covariance with a network."""
    precision: np.ndarray
    """(T, V, k, k): the inverse of the samples' covariance."""
    excess: np.ndarray
    """(T, V, k): variance of each sample's noise beyond what is usual."""


class Mixture:
    """All hypotheses of one target."""

    def __init__(self, space: Space, anchors: list[Anchor], prior: Prior) -> None:
        self.space, self.anchors, self.prior = space, anchors, prior

    def condition(self, rows: np.ndarray, latency_ms: np.ndarray) -> Mixed:
        """After samples: `latency_ms[i]` of network `rows[i]`."""
        alike = self.space.alike(rows, rows)
        posteriors = [self._posterior(one, rows, latency_ms, alike) for one in self.anchors]
        evidence = np.array([p.log_evidence + p.anchor.log_weight for p in posteriors])
        evidence -= self.prior.calm * np.log(self.prior.temperatures)[:, None]
        weight = np.exp(evidence - evidence.max())
        return Mixed(self, rows, posteriors, weight / weight.sum())

    def deviation(
        self, anchor: Anchor, left: np.ndarray, right: np.ndarray, alike: np.ndarray
    ) -> np.ndarray:
        """(left, right): covariance of deviations at temperature one; `alike` is that of parts."""
        space, prior = self.space, self.prior
        gap = [space.columns[rows] - anchor.shape[rows, None] for rows in (left, right)]
        return prior.columns / gap[0].shape[1] * gap[0] @ gap[1].T + alike

    def own_deviation(self, anchor: Anchor, rows: np.ndarray) -> np.ndarray:
        """(rows,): the diagonal of it."""
        space, prior = self.space, self.prior
        gap = space.columns[rows] - anchor.shape[rows, None]
        return prior.columns * np.mean(gap**2, axis=1) + space.own[rows]

    def scale_variance(self, anchor: Anchor) -> float:
        """Of the constant."""
        return anchor.scale_spread**2 if anchor.scale_ms else self.prior.scale

    def scaling(self, anchor: Anchor, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """(left, right): covariance that comes of the constant."""
        return self.scale_variance(anchor) * np.outer(anchor.shape[left], anchor.shape[right])

    def _posterior(
        self, anchor: Anchor, rows: np.ndarray, latency_ms: np.ndarray, alike: np.ndarray
    ) -> Posterior:
        prior, shape = self.prior, anchor.shape[rows]
        scale = anchor.scale_ms or float(np.median(latency_ms / shape))
        off = latency_ms / scale - shape
        temperature = np.array(prior.temperatures)[:, None, None, None]
        deviation = self.deviation(anchor, rows, rows, alike)
        signal = self.scaling(anchor, rows, rows) + temperature * deviation
        noise = np.array(prior.noises)[None, :, None] ** 2 * np.maximum(shape, SMALLEST) ** 2
        noise = np.broadcast_to(noise, (len(temperature), *noise.shape[1:]))
        trust = np.ones_like(noise)
        for _ in range(prior.rounds - 1):
            pull = np.linalg.solve(signal + _diagonal(noise / trust), off[:, None])[..., 0]
            # What is left of a sample is its noise times its pull.
            square = (noise / trust * pull) ** 2 / noise
            trust = (prior.freedom + 1.0) / (prior.freedom + square)
        covariance = signal + _diagonal(noise / trust)
        precision = np.linalg.inv(covariance)
        pull = precision @ off
        log_evidence = (
            -0.5 * pull @ off
            - 0.5 * np.linalg.slogdet(covariance)[1]
            - len(rows) * np.log(scale)
            + 0.5 * prior.freedom * (np.log(trust) - trust + 1.0).sum(axis=-1)
        )
        excess = noise / trust - noise
        return Posterior(anchor, scale, log_evidence, pull, precision, excess)


def _diagonal(values: np.ndarray) -> np.ndarray:
    return values[..., None] * np.eye(values.shape[-1])


@dataclass(frozen=True)
class Mixed:
    """The hypotheses of a mixture after samples."""

    mixture: Mixture
    rows: np.ndarray
    posteriors: list[Posterior]
    weight: np.ndarray
    """(A, T, V), sums to one."""

    def text(self) -> str:
        """The weightiest hypothesis, for people."""
        a, t, v = np.unravel_index(np.argmax(self.weight), self.weight.shape)
        prior, name = self.mixture.prior, self.posteriors[a].anchor.name
        share = self.weight[a].sum()
        return (
            f"{name} ({share:.0%}), deviations x {prior.temperatures[t]:g}, "
            f"noise {prior.noises[v]:.0%}"
        )

    def predict(self, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of what would be measured, in ms: (m,) each."""
        mean = np.zeros(len(wanted))
        second = np.zeros(len(wanted))
        for share, value, variance in self._parts(wanted):
            mean += share * value
            second += share * (variance + value**2)
        return mean, np.sqrt(np.maximum(second - mean**2, 0.0))

    def left_out(self) -> np.ndarray:
        """(k,): how far each sample is from what the others predict, in standard deviations.

        In closed form (Rasmussen, Williams, 5.4.2), with the weights that all samples give.
        """
        mean, second = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for weight, posterior in zip(self.weight, self.posteriors, strict=True):
            own = np.diagonal(posterior.precision, axis1=-2, axis2=-1)
            off = posterior.scale * posterior.pull / own
            variance = posterior.scale**2 * (1.0 / own - posterior.excess)
            mean += np.einsum("tv,tvk->k", weight, off)
            second += np.einsum("tv,tvk->k", weight, variance + off**2)
        return np.abs(mean) / np.sqrt(np.maximum(second - mean**2, 1e-12 * second))

    def _parts(self, wanted: np.ndarray) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
        """Share, mean and variance of the weightiest hypotheses."""
        least = max(1e-3 * self.weight.max(), np.sort(self.weight, axis=None)[-MOST:].min())
        kept = np.where(self.weight >= least, self.weight, 0.0)
        kept /= kept.sum()
        mixture, prior = self.mixture, self.mixture.prior
        alike = mixture.space.alike(wanted, self.rows)
        for shares, posterior in zip(kept, self.posteriors, strict=True):
            if not shares.any():
                continue
            anchor, scale = posterior.anchor, posterior.scale
            shape = anchor.shape[wanted]
            constant = mixture.scaling(anchor, wanted, self.rows)
            deviation = mixture.deviation(anchor, wanted, self.rows, alike)
            own = mixture.own_deviation(anchor, wanted)
            spread = mixture.scale_variance(anchor)
            for t, v in zip(*np.nonzero(shares), strict=True):
                cross = constant + prior.temperatures[t] * deviation
                value = scale * (shape + cross @ posterior.pull[t, v])
                explained = ((cross @ posterior.precision[t, v]) * cross).sum(axis=1)
                noise = (prior.noises[v] * np.maximum(shape, SMALLEST)) ** 2
                variance = spread * shape**2 + prior.temperatures[t] * own - explained + noise
                yield float(shares[t, v]), value, scale**2 * np.maximum(variance, 0.0)

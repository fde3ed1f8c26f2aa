"""Held-out networks: well-known architectures with seeded weights, built without a framework.

They judge predictions.  Nothing of this package is shared with the networks that are sampled for
training, so that what is held out stays held out.  ``ENTRIES`` lists them by name; one file a
group of families registers its builders: ``classic``, ``mobile``, ``vision``, ``dense``,
``language``, ``sequence``.
"""

from gnomon.zoo import classic, dense, language, mobile, sequence, vision
from gnomon.zoo.registry import ENTRIES, Entry

__all__ = ["ENTRIES", "Entry", "classic", "dense", "language", "mobile", "sequence", "vision"]

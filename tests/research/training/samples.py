"""Raw scores with known probabilities."""

import numpy as np

RNG = np.random.default_rng(3)
RAW = RNG.normal(0.0, 1.5, 6000)
TRUE = 1.0 / (1.0 + np.exp(-(0.5 * RAW - 0.6)))
WON = (RNG.random(6000) < TRUE).astype(float)

"""From recorded markets to a model that the engine can ask.

| module | what it holds |
|---|---|
| `trainer` | what people call: `train_lightgbm` |
| `datasets` | tables to train on: scored closes, or every close |
| `labels` | what would have become of a signal, by the core's settlement |
| `splits` | purged walk-forward splits, and how unique each label is |
| `calibration` | from raw scores to probabilities, and how reliable they are |
| `scores` | how well probabilities separate winners from losers |
| `trained` | the model: predict, save, in LightGBM's form and in the engine's |
| `tracker` | the record of experiments |
"""

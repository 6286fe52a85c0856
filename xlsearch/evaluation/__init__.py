"""From a model to numbers: outputs, scores, languages of outputs, and the objective."""

"""The sizes of an encoder-decoder, and what follows from them: weights, operations, bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """Sizes of a Transformer with as many encoder as decoder layers.

    Attributes:
        width: Of the hidden states.
        heads_width: Of all attention heads of a layer together.
        feed_forward: Inner width of the feed-forward blocks.
        layers: Of the encoder, and again of the decoder.
        vocabulary: Pieces.
        gated: Whether the feed-forward blocks have a gate (mT5), so three matrices.
        tied: Whether the output layer is the embedding matrix.
    """

    width: int
    heads_width: int
    feed_forward: int
    layers: int
    vocabulary: int
    gated: bool
    tied: bool

    @property
    def encoder(self) -> int:
        """Weights of the encoder's matrices."""
        return self.layers * (self._attention + self._block)

    @property
    def decoder(self) -> int:
        """Weights of the decoder's matrices, cross-attention included."""
        return self.layers * (2 * self._attention + self._block)

    @property
    def output(self) -> int:
        """Weights of the output layer."""
        return self.vocabulary * self.width

    @property
    def parameters(self) -> int:
        """Weights of all matrices; norms, biases and positions are well below a percent."""
        return self.encoder + self.decoder + self.output * (1 if self.tied else 2)

    def training_operations(self, sources: float, targets: float, length: float) -> float:
        """Floating-point operations of one update.

        Args:
            sources, targets: Tokens of the batch.
            length: Mean length of a source, for the part of attention that grows with it.
        """
        attended = 2 * self.layers * length * self.heads_width
        forward = sources * (self.encoder + attended) + targets * (self.decoder + self.output)
        return 3 * 2 * forward  # two operations a weight; the backward pass is twice the forward

    @property
    def _attention(self) -> int:
        return 4 * self.width * self.heads_width

    @property
    def _block(self) -> int:
        return (3 if self.gated else 2) * self.width * self.feed_forward

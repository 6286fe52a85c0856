"""The sizes of an encoder-decoder, and what follows from them: weights, operations, bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """Sizes of an encoder-decoder Transformer.

    Attributes:
        width: Of the hidden states.
        heads_width: Of all attention heads of a layer together.
        feed_forward: Inner width of the feed-forward blocks.
        layers: Of the encoder.
        vocabulary: Pieces.
        gated: Whether the feed-forward blocks have a gate (mT5), so three matrices.
        tied: Whether the output layer is the embedding matrix.
        decoder_layers: Of the decoder; None for as many as the encoder has.
    """

    width: int
    heads_width: int
    feed_forward: int
    layers: int
    vocabulary: int
    gated: bool
    tied: bool
    decoder_layers: int | None = None

    @property
    def encoder(self) -> int:
        """Weights of the encoder's matrices."""
        return self.layers * (self._attention + self._block)

    @property
    def decoder(self) -> int:
        """Weights of the decoder's matrices, cross-attention included."""
        return self._decoder_layers * (2 * self._attention + self._block)

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
        # Keys and values of cross-attention are made of source tokens.
        crossed = self._decoder_layers * 2 * self.width * self.heads_width
        forward = sources * (self.encoder + attended + crossed)
        forward += targets * (self.decoder - crossed + self.output)
        return 3 * 2 * forward  # two operations a weight; the backward pass is twice the forward

    @property
    def _decoder_layers(self) -> int:
        return self.layers if self.decoder_layers is None else self.decoder_layers

    @property
    def _attention(self) -> int:
        return 4 * self.width * self.heads_width

    @property
    def _block(self) -> int:
        return (3 if self.gated else 2) * self.width * self.feed_forward

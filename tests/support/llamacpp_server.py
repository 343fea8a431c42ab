"""Serve a model of random weights with llama.cpp's own server; run by an environment that has both.

``python llamacpp_server.py FOLDER TEMPLATE PORT WINDOW``. The model is made for the test: two small layers,
one token for each byte. What it says means nothing, and how the server treats requests is real.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

EMBEDDING, FORWARD, LAYERS, HEADS = 64, 128, 2, 4


def byte_tokens() -> list[str]:
    """Return the letter by which byte-level vocabularies write each byte."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1)]
    shown += range(ord("®"), ord("ÿ") + 1)
    others = [byte for byte in range(256) if byte not in shown]
    return [*map(chr, shown), *(chr(256 + at) for at in range(len(others)))]


def write_model(path: Path, template: str) -> None:
    """Write a model with random weights and this chat template."""
    import gguf
    import numpy as np

    writer: Any = gguf.GGUFWriter(str(path), "llama")
    tokens = [*byte_tokens(), "<|bos|>", "<|eos|>"]
    writer.add_context_length(8192)
    writer.add_embedding_length(EMBEDDING)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(EMBEDDING // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * 256 + [3, 3])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_chat_template(template)
    chance = np.random.default_rng(0)

    def add(name: str, *shape: int) -> None:
        ones = np.ones(shape) if len(shape) == 1 else chance.standard_normal(shape) * 0.1
        writer.add_tensor(f"{name}.weight", ones.astype(np.float32))

    add("token_embd", len(tokens), EMBEDDING)
    add("output_norm", EMBEDDING)
    add("output", len(tokens), EMBEDDING)
    for at in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            add(f"blk.{at}.{name}", EMBEDDING)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{at}.{name}", EMBEDDING, EMBEDDING)
        for name in ("ffn_gate", "ffn_up"):
            add(f"blk.{at}.{name}", FORWARD, EMBEDDING)
        add(f"blk.{at}.ffn_down", EMBEDDING, FORWARD)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(folder: Path, template: str, port: int, window: int) -> None:
    """Serve the model until this process is stopped."""
    import xllamacpp

    path = folder / "random.gguf"
    write_model(path, template)
    options = xllamacpp.CommonParams()
    options.model.path = str(path)
    options.hostnames = ["127.0.0.1"]
    options.port, options.n_ctx, options.n_parallel = port, window, 1
    options.use_jinja, options.warmup, options.n_predict = True, False, 60
    server = xllamacpp.Server(options)
    print(server.listening_address, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]).read_text(), int(sys.argv[3]), int(sys.argv[4]))

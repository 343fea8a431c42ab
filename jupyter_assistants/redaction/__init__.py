"""Secrets taken out of texts before they leave: to a model, into the store, into a notebook."""

from jupyter_assistants.redaction.documents import DocumentMasker
from jupyter_assistants.redaction.masker import (
    MASKED,
    Masker,
    StreamMasker,
    is_secret_name,
    remember,
)

__all__ = ["MASKED", "DocumentMasker", "Masker", "StreamMasker", "is_secret_name", "remember"]

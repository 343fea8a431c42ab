"""Vectors of texts, from an endpoint's ``/v1/embeddings``."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from jupyter_assistants.models.bounded_bodies import (
    ENCODINGS,
    ResponseTooLarge,
    UnknownEncoding,
    limit_body,
)
from jupyter_assistants.models.connection import check_endpoint, client_options
from jupyter_assistants.models.dialects import OPENAI_URL
from jupyter_assistants.models.endpoint_errors import EndpointError, ErrorFormatter
from jupyter_assistants.models.error_rules import error_of_connection, error_of_response
from jupyter_assistants.models.redirects import ForeignRedirect, check_redirect
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.retrieval.embedders.base import Embedder, EmbedderOptions

if TYPE_CHECKING:
    import numpy as np
    import openai
    from numpy.typing import NDArray

_BATCH_TEXTS = 64
_MOST_CHARACTERS = 24_000
"""Characters of one text: most models read 8,191 tokens, and refuse more."""
_TIMEOUT_SECONDS = 60.0
_RETRIES = 3


class EndpointEmbedder(Embedder):
    """The embeddings of an endpoint. The key is shown nowhere.

    Parameters
    ----------
    endpoint
        Its name here.
    base_url
        Its address; None for OpenAI's.
    model
        The model's name there.
    """

    def __init__(self, endpoint: str, *, base_url: str | None, key: str | None, model: str) -> None:
        self.name = f"{endpoint}/{model}"
        self._base_url = base_url or OPENAI_URL
        self._key = key or ""
        self._model = model
        host = urllib.parse.urlsplit(self._base_url).netloc
        self._errors = ErrorFormatter(endpoint, host, self._key)
        self._client: openai.OpenAI | None = None
        self._lock = threading.Lock()

    @classmethod
    def create(cls, options: EmbedderOptions) -> Self:
        """See :meth:`.base.Embedder.create`."""
        model, key = options.model, options.key
        return cls(options.endpoint, base_url=options.base_url, key=key, model=model)

    def __repr__(self) -> str:
        return f"EndpointEmbedder({self.name!r})"

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        """Return a vector for each text, of length 1.

        Raises
        ------
        ProviderError
            If the endpoint does not give them.
        """
        found: list[NDArray[np.float32]] = []
        for start in range(0, len(texts), _BATCH_TEXTS):
            found += self._embed_batch(texts[start : start + _BATCH_TEXTS])
        return found

    def _embed_batch(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        import httpx2
        import numpy as np
        import openai

        try:
            answer = self._connected().embeddings.create(
                model=self._model,
                input=[text[:_MOST_CHARACTERS] or " " for text in texts],
                encoding_format="float",
            )
            rows = sorted(answer.data, key=lambda each: each.index)
            vectors = np.array([each.embedding for each in rows], np.float32)
        except EndpointError as refused:
            failure = refused
        except openai.APIStatusError as error:
            response = error.response
            failure = error_of_response(response.status_code, response.text, response.headers)
        except (
            *(openai.OpenAIError, httpx2.HTTPError),
            *(ForeignRedirect, ResponseTooLarge, UnknownEncoding),
        ) as error:
            failure = error_of_connection(error)
        except (AttributeError, TypeError, ValueError):
            failure = EndpointError("no_stream")
        else:
            if vectors.ndim == 2 and len(vectors) == len(texts) and np.isfinite(vectors).all():
                lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
                return list((vectors / lengths)[:, None, :])
            raise ProviderError(f"{self.name} gave no vector for each text.")
        raise self._errors.error(failure, self._model)

    def _connected(self) -> openai.OpenAI:
        import openai

        with self._lock:
            if self._client is None:
                check_endpoint(self._base_url, self._key)
                options = client_options(self._base_url, self._key)
                hooks = {"response": [check_redirect, limit_body]}
                headers = {"Accept-Encoding": ENCODINGS}
                self._client = openai.OpenAI(
                    **options,
                    max_retries=_RETRIES,
                    timeout=_TIMEOUT_SECONDS,
                    http_client=openai.DefaultHttpxClient(event_hooks=hooks, headers=headers),
                )
            return self._client

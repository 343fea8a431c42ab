"""One entry of the route table, and what the signature of its operation says."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_type_hints

from jupyter_assistants.api.answers import AnswerKind
from jupyter_assistants.api.forms import Form
from jupyter_assistants.api.path_objects import PARAMETERS
from jupyter_assistants.protocol.base import Body

Action = Literal["read", "write", "execute"]
Operation = Callable[..., Coroutine[Any, Any, Any]]

JSON, EVENTS, BYTES, PAGE = AnswerKind.JSON, AnswerKind.EVENTS, AnswerKind.BYTES, AnswerKind.PAGE


@dataclass(frozen=True)
class Route:
    """One operation of the API.

    The parameters of the function are filled by name: ``owner``; ``query`` and ``body``, parsed as
    the classes that they are annotated with; ``{names}`` of the path as text; and the objects that
    such names stand for (``thread`` for ``{thread_id}``), which are loaded once for all.

    Parameters
    ----------
    id
        The operation's name in the OpenAPI document and in docs/api.md.
    operation
        A function of a resource class, such as ``Runs.create``.
    action, resource
        What the server's authorizer is asked for.
    also
        Other resources that the operation shows or makes, for which the same right is needed.
    answers
        How it answers. With two kinds, the request chooses; see :meth:`answer_to`.
    form
        The multipart form that it receives instead of JSON. Its function has the parameters
        ``received`` and, for the other fields of the form, ``fields``.
    poll
        Whether clients poll it, so that the answer carries ``openai-poll-after-ms``.
    same_origin
        Whether browsers may load it from pages of this server only.
    """

    id: str
    verb: str
    path: str
    operation: Operation
    action: Action
    resource: str
    answers: AnswerKind = JSON
    form: Form | None = None
    poll: bool = False
    same_origin: bool = False
    also: tuple[str, ...] = ()

    @cached_property
    def rights(self) -> tuple[tuple[str, str], ...]:
        """Return the actions and resources that the server's authorizer must all allow."""
        rights = [(self.action, f"jupyter_assistants:{r}") for r in (self.resource, *self.also)]
        if self.action == "execute":
            # A run executes code, and its context holds variables, which are as much as code could
            # show: nobody gets around a denied access to kernels through us.
            rights.append(("execute", "kernels"))
        return tuple(rights)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return the regular expression of the path."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path) + r"/?$")

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """Return the names in the path, from left to right."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @cached_property
    def returns(self) -> Any:
        """Return the annotation of the operation's result."""
        return self._hints["return"]

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """Return the annotations of the operation's parameters by name.

        Raises
        ------
        TypeError
            If one cannot be filled from a request to this route.
        """
        found = {name: hint for name, hint in self._hints.items() if name != "return"}
        known = {"owner", "query", "body", *self.path_names}
        known |= {"fields", "received"} if self.form else set()
        known |= {PARAMETERS[name] for name in self.path_names if name in PARAMETERS}
        if "vector_store_id" in self.path_names and "file_id" in self.path_names:
            known.add("vector_store_file")
        if unknown := found.keys() - known:
            raise TypeError(
                f"{self.verb} {self.path}: {self.operation.__qualname__} has the parameters "
                f"{sorted(unknown)}; a request to this path fills {sorted(known)}."
            )
        return found

    @cached_property
    def _hints(self) -> Mapping[str, Any]:
        return get_type_hints(self.operation)

    @property
    def body(self) -> type[Body] | None:
        """Return the class of the JSON body, if there is one."""
        return self.parameters.get("body")

    @property
    def query(self) -> type[Body] | None:
        """Return the class of the query, if there is one."""
        return self.parameters.get("query")

    @property
    def fields(self) -> type[Body] | None:
        """Return the class of a form's fields beside the bytes, if there are any."""
        return self.parameters.get("fields")

    def answer_to(self, query: Mapping[str, Any], body: Mapping[str, Any]) -> AnswerKind:
        """Return the one kind of answer that a request asks for.

        Runs are streamed with ``stream: true`` in the body; what can be exported is a file for
        every ``format`` in the query but ``json``.
        """
        if self.answers == JSON | EVENTS:
            return EVENTS if body.get("stream") is True else JSON
        if self.answers == JSON | BYTES:
            return JSON if query.get("format", "json") == "json" else BYTES
        return self.answers

"""Programs that do with a stock SDK what an assistant does here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.cells import Program, ProgramQuery
from jupyter_assistants.protocol.tools import FunctionTool

_FIELDS = (
    "name",
    "description",
    "instructions",
    "tools",
    "tool_resources",
    "temperature",
    "top_p",
    "response_format",
    "reasoning_effort",
    "metadata",
)
_DEFAULTS: dict[str, Any] = {
    "temperature": 1.0,
    "top_p": 1.0,
    "response_format": "auto",
    "tool_resources": {},
    "tools": [],
    "metadata": {},
}
_ADDRESS = "http://127.0.0.1:8888"
_QUESTION = "What can you do?"
_FILENAMES = {"python": "assistant.py", "javascript": "assistant.mjs", "curl": "assistant.sh"}


@dataclass(frozen=True)
class Programs:
    """Operations on programs. Extension."""

    async def get(self, assistant: Assistant, query: ProgramQuery) -> Program:
        """Return the program that makes this assistant with a stock SDK, asks it and prints the answer.

        Extension. No key is in it: it reads the server's address and token from the environment.
        """
        settings = _settings(assistant)
        functions = [t.function.name for t in assistant.tools if isinstance(t, FunctionTool)]
        write = {"python": _python, "javascript": _javascript, "curl": _curl}[query.language]
        return Program(
            assistant_id=assistant.id,
            language=query.language,
            filename=_FILENAMES[query.language],
            source=write(settings, functions),
        )


def _settings(assistant: Assistant) -> dict[str, Any]:
    """Return the fields that create such an assistant, without those at their default."""
    wire = assistant.wire()
    found: dict[str, Any] = {"model": assistant.model}
    for name in _FIELDS:
        value = wire.get(name)
        if value not in (None, "", _DEFAULTS.get(name)):
            found[name] = value
    resources = found.get("tool_resources") or {}
    # A live kernel ends one day; the program gets a kernel of its own.
    (resources.get("code_interpreter") or {}).pop("kernel_id", None)
    found["tool_resources"] = {name: value for name, value in resources.items() if value}
    return {name: value for name, value in found.items() if value}


# -- Python ----------------------------------------------------------------------------------------

_PYTHON = '''\
"""Make an assistant, ask it, print the answer. Needs: pip install openai"""

import os
import sys

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("JUPYTER_ASSISTANTS_URL", "{address}") + "/assistants/v1",
    api_key=os.environ["JUPYTER_ASSISTANTS_KEY"],  # the Jupyter server's token
)
{functions}
assistant = client.beta.assistants.create(
{arguments})
thread = client.beta.threads.create()
client.beta.threads.messages.create(
    thread.id, role="user", content=" ".join(sys.argv[1:]) or {question}
)
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
{loop}if run.status != "completed":
    sys.exit(f"the run ended as {{run.status}}: {{run.last_error}}")
for message in client.beta.threads.messages.list(thread.id, run_id=run.id, order="asc"):
    for part in message.content:
        if part.type == "text":
            print(part.text.value)
'''
_PYTHON_FUNCTIONS = '''

def call(name, arguments):
    """Do what a function of the assistant is for, and give its output as text."""
    # Functions of this assistant: {names}
    raise NotImplementedError(name)


'''
_PYTHON_LOOP = """\
while run.status == "requires_action":
    run = client.beta.threads.runs.submit_tool_outputs_and_poll(
        run.id,
        thread_id=thread.id,
        tool_outputs=[
            {
                "tool_call_id": each.id,
                "output": call(each.function.name, json.loads(each.function.arguments)),
            }
            for each in run.required_action.submit_tool_outputs.tool_calls
        ],
    )
"""


def _python(settings: dict[str, Any], functions: list[str]) -> str:
    arguments = "".join(f"    {name}={_literal(value, 4)},\n" for name, value in settings.items())
    source = _PYTHON.format(
        address=_ADDRESS,
        functions=_PYTHON_FUNCTIONS.format(names=", ".join(functions)) if functions else "",
        arguments=arguments,
        question=_literal(_QUESTION, 0),
        loop=_PYTHON_LOOP if functions else "",
    )
    return source.replace("import os\n", "import json\nimport os\n", 1) if functions else source


def _literal(value: Any, indent: int) -> str:
    """Return a value as Python writes it, a line for each entry."""
    inner, outer = " " * (indent + 4), " " * indent
    if isinstance(value, dict) and value:
        rows = [f"{inner}{_literal(k, 0)}: {_literal(v, indent + 4)},\n" for k, v in value.items()]
        return "{\n" + "".join(rows) + outer + "}"
    if isinstance(value, list) and value:
        rows = [f"{inner}{_literal(each, indent + 4)},\n" for each in value]
        return "[\n" + "".join(rows) + outer + "]"
    if isinstance(value, str):
        # As JSON, which Python reads alike but for half surrogates, which it escapes as well.
        return json.dumps(value, ensure_ascii=not value.isprintable())
    return repr(value)


# -- JavaScript ------------------------------------------------------------------------------------

_JAVASCRIPT = """\
// Make an assistant, ask it, print the answer. Needs: npm install openai
import OpenAI from "openai";

const client = new OpenAI({{
  baseURL: (process.env.JUPYTER_ASSISTANTS_URL ?? "{address}") + "/assistants/v1",
  apiKey: process.env.JUPYTER_ASSISTANTS_KEY, // the Jupyter server's token
}});
{functions}
const assistant = await client.beta.assistants.create({arguments});
const thread = await client.beta.threads.create();
await client.beta.threads.messages.create(thread.id, {{
  role: "user",
  content: process.argv.slice(2).join(" ") || {question},
}});
let run = await client.beta.threads.runs.createAndPoll(thread.id, {{
  assistant_id: assistant.id,
}});
{loop}if (run.status !== "completed") {{
  console.error(`the run ended as ${{run.status}}: ${{JSON.stringify(run.last_error)}}`);
  process.exit(1);
}}
const messages = client.beta.threads.messages.list(thread.id, {{ run_id: run.id, order: "asc" }});
for await (const message of messages) {{
  for (const part of message.content) {{
    if (part.type === "text") console.log(part.text.value);
  }}
}}
"""
_JAVASCRIPT_FUNCTIONS = """
// Do what a function of the assistant is for, and give its output as text.
// Functions of this assistant: {names}
async function call(name, given) {{
  throw new Error(`not written yet: ${{name}}`);
}}
"""
_JAVASCRIPT_LOOP = """\
while (run.status === "requires_action") {
  const calls = run.required_action.submit_tool_outputs.tool_calls;
  const outputs = await Promise.all(
    calls.map(async (each) => ({
      tool_call_id: each.id,
      output: await call(each.function.name, JSON.parse(each.function.arguments)),
    })),
  );
  run = await client.beta.threads.runs.submitToolOutputsAndPoll(run.id, {
    thread_id: thread.id,
    tool_outputs: outputs,
  });
}
"""


def _javascript(settings: dict[str, Any], functions: list[str]) -> str:
    names = ", ".join(functions)
    return _JAVASCRIPT.format(
        address=_ADDRESS,
        functions=_JAVASCRIPT_FUNCTIONS.format(names=names) if functions else "",
        arguments=_json(settings),
        question=_json(_QUESTION),
        loop=_JAVASCRIPT_LOOP if functions else "",
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)


# -- curl ------------------------------------------------------------------------------------------

_CURL = """\
#!/bin/sh
# Make an assistant, ask it, print the answer. Needs: curl, jq
# JUPYTER_ASSISTANTS_KEY is the Jupyter server's token.
set -eu
api="${{JUPYTER_ASSISTANTS_URL:-{address}}}/assistants/v1"
ask() {{
  curl --silent --show-error --fail-with-body \\
    --header "Authorization: Bearer $JUPYTER_ASSISTANTS_KEY" \\
    --header "Content-Type: application/json" "$@"
}}
assistant=$(ask "$api/assistants" --data @- <<'JSON' | jq --raw-output .id
{arguments}
JSON
)
thread=$(ask "$api/threads" --data '{{}}' | jq --raw-output .id)
jq --null-input --arg text "${{*:-{question}}}" '{{role: "user", content: $text}}' |
  ask "$api/threads/$thread/messages" --data @- >/dev/null
run=$(jq --null-input --arg id "$assistant" '{{assistant_id: $id}}' |
  ask "$api/threads/$thread/runs" --data @- | jq --raw-output .id)
while :; do
  status=$(ask "$api/threads/$thread/runs/$run?wait=30" | jq --raw-output .status)
  case "$status" in queued | in_progress | cancelling) sleep 1 ;; *) break ;; esac
done
{note}if [ "$status" != completed ]; then
  echo "the run ended as $status" >&2
  exit 1
fi
ask "$api/threads/$thread/messages?run_id=$run&order=asc" |
  jq --raw-output '.data[].content[] | select(.type == "text") | .text.value'
"""


def _curl(settings: dict[str, Any], functions: list[str]) -> str:
    names = ", ".join(functions)
    note = (
        f"# Where the status is requires_action, post what these give to "
        f"…/submit_tool_outputs: {names}\n"
    )
    return _CURL.format(
        address=_ADDRESS,
        arguments=_json(settings),
        question=_QUESTION,
        note=note if functions else "",
    )

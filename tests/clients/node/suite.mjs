// What programs do with the stock `openai` package of Node: every operation, every helper, every
// error class. `test_node_sdk.py` runs it, with the server's address and key in the environment.
// At the end it writes the requests that were sent, and the SDK's methods that nothing called.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, describe, it } from "node:test";

import OpenAI, { toFile } from "openai";

const MODEL = "talkative-1";
const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
  },
};
const CODE = { type: "code_interpreter" };
const SEARCH = { type: "file_search" };
const HANDBOOK = "# Handbook\n\nThe canteen serves wonderful pancakes on every second Thursday.\n";
const PNG = [0x89, 0x50, 0x4e, 0x47];
const PASSAGES = "step_details.tool_calls[*].file_search.results[*].content";

// -- the client, and what is noted of it ---------------------------------------------------------

const requests = [];
const called = new Set();

const stock = new OpenAI({
  baseURL: process.env.SUITE_URL,
  apiKey: process.env.SUITE_KEY,
  fetch: (url, init) => {
    const attempt = new Headers(init?.headers).get("x-stainless-retry-count") ?? "0";
    const { protocol, pathname } = new URL(url);
    // It also fetches "data:," to learn what this Node's fetch can do.
    if (protocol !== "data:") requests.push([init?.method ?? "GET", pathname, attempt]);
    return fetch(url, init);
  },
});

/** A resource whose methods are noted when they are called. */
function noted(resource, path) {
  return new Proxy(resource, {
    get(target, name) {
      const value = target[name];
      if (value?._client && typeof value === "object" && !String(name).startsWith("_")) {
        return noted(value, `${path}${name}.`);
      }
      if (typeof value !== "function") return value;
      called.add(path + String(name));
      return value.bind(target);
    },
  });
}

/** The paths of all public methods of a resource and of those in it. */
function methodsOf(resource, path) {
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(resource))
    .filter((name) => name !== "constructor" && !name.startsWith("_"))
    .map((name) => path + name);
  const inner = Object.entries(resource)
    .filter(([name, value]) => !name.startsWith("_") && value?._client)
    .flatMap(([name, value]) => methodsOf(value, `${path}${name}.`));
  return [...own, ...inner];
}

const client = {
  assistants: noted(stock.beta.assistants, "assistants."),
  threads: noted(stock.beta.threads, "threads."),
  files: noted(stock.files, "files."),
  uploads: noted(stock.uploads, "uploads."),
  vectorStores: noted(stock.vectorStores, "vectorStores."),
};
const { assistants, threads, files, uploads, vectorStores } = client;
const { messages, runs } = threads;

after(() => {
  const resources = { ...client, assistants: stock.beta.assistants, threads: stock.beta.threads };
  const all = Object.keys(resources).flatMap((name) =>
    methodsOf(stock[name] ?? stock.beta[name], `${name}.`),
  );
  const unused = all.filter((name) => !called.has(name));
  writeFileSync(process.env.SUITE_REPORT, JSON.stringify({ requests, unused }));
});

// -- what nearly every program does first --------------------------------------------------------

const assistantWith = async (tools = [], more = {}) =>
  (await assistants.create({ model: MODEL, tools, ...more })).id;

const threadThatAsks = async (...questions) =>
  (await threads.create({ messages: questions.map((content) => ({ role: "user", content })) })).id;

const asked = async (question, tools = [], more = {}) =>
  runs.createAndPoll(await threadThatAsks(question), {
    assistant_id: await assistantWith(tools),
    ...more,
  });

const textOf = (message) =>
  message.content.map((part) => (part.type === "text" ? part.text.value : "")).join("");

async function all(pages) {
  const found = [];
  for await (const item of pages) found.push(item);
  return found;
}

const answerOf = async (run) => {
  const found = await all(messages.list(run.thread_id, { run_id: run.id }));
  assert.equal(found.length, 1);
  return found[0];
};

const stepsOf = (run, more = {}) =>
  all(runs.steps.list(run.id, { thread_id: run.thread_id, order: "asc", ...more }));

const outputsFor = (run, ...answers) => {
  assert.equal(run.status, "requires_action");
  const calls = run.required_action.submit_tool_outputs.tool_calls;
  assert.equal(calls.length, answers.length);
  for (const call of calls) {
    assert.equal(call.function.name, "get_weather");
    assert.deepEqual(Object.keys(JSON.parse(call.function.arguments)), ["place"]);
  }
  return calls.map((call, n) => ({ tool_call_id: call.id, output: answers[n] }));
};

const handbook = async (name = "handbook.md", content = HANDBOOK) =>
  (await files.create({ file: await toFile(Buffer.from(content), name), purpose: "assistants" }))
    .id;

const library = async () => {
  const store = await vectorStores.create({});
  const file = await vectorStores.files.createAndPoll(store.id, { file_id: await handbook("a.md") });
  assert.equal(file.status, "completed");
  return store.id;
};

const searching = async () =>
  assistantWith([SEARCH], {
    tool_resources: { file_search: { vector_store_ids: [await library()] } },
  });

async function failsWith(kind, promise) {
  const error = await promise.then(
    () => assert.fail(`no ${kind.name}`),
    (reason) => reason,
  );
  assert.equal(error.constructor, kind, String(error));
  return error;
}

/** Everything that a stream tells, in order. */
function told(stream) {
  const names = [];
  const on = (name, note) => stream.on(name, (...args) => names.push(note(...args)));
  on("event", (event) => event.event);
  on("textCreated", () => "text created");
  on("textDone", () => "text done");
  on("toolCallCreated", (call) => `tool ${call.type}`);
  on("toolCallDone", (call) => `done ${call.type}`);
  on("messageDone", () => "message done");
  on("runStepDone", () => "step done");
  on("imageFileDone", () => "image done");
  on("end", () => "end");
  return names;
}

const streamed = async (question, tools = [], more = {}) => {
  const assistant_id = await assistantWith(tools);
  return runs.stream(await threadThatAsks(question), { assistant_id, ...more });
};

/** See that what the stream pieced together is what the server keeps. */
async function sameAsStored(stream) {
  const run = await stream.finalRun();
  const shown = await stream.finalMessages();
  assert.deepEqual(shown, [await answerOf(run)]);
  const kept = await stepsOf(run, { include: [PASSAGES] });
  assert.deepEqual(await stream.finalRunSteps(), kept);
  return run;
}

describe("the stock SDK", { concurrency: 8 }, () => {
  // -- assistants, threads, messages -------------------------------------------------------------

  it("takes an assistant from creation to deletion", async () => {
    const made = await assistants.create({
      model: MODEL,
      name: "Müller",
      instructions: "i",
      tools: [CODE, WEATHER],
      metadata: { k: "v" },
      temperature: 0.5,
    });
    assert.deepEqual(await assistants.retrieve(made.id), made);
    const listed = await all(assistants.list({ limit: 100 }));
    assert.ok(listed.some((each) => each.id === made.id));
    const changed = await assistants.update(made.id, { name: "Meier" });
    assert.deepEqual([changed.name, changed.instructions], ["Meier", "i"]);
    assert.ok((await assistants.delete(made.id)).deleted);
    await failsWith(OpenAI.NotFoundError, assistants.retrieve(made.id));
  });

  it("takes a thread from creation to deletion", async () => {
    const made = await threads.create();
    assert.deepEqual(await threads.retrieve(made.id), made);
    const changed = await threads.update(made.id, { metadata: { k: "v" } });
    assert.deepEqual(changed.metadata, { k: "v" });
    assert.ok((await threads.delete(made.id)).deleted);
  });

  it("takes a message from creation to deletion", async () => {
    const thread_id = await threadThatAsks();
    const made = await messages.create(thread_id, { role: "user", content: "Grüße" });
    assert.deepEqual(await messages.retrieve(made.id, { thread_id }), made);
    const changed = await messages.update(made.id, { thread_id, metadata: { k: "v" } });
    assert.deepEqual([changed.metadata, textOf(changed)], [{ k: "v" }, "Grüße"]);
    assert.ok((await messages.delete(made.id, { thread_id })).deleted);
    assert.deepEqual(await all(messages.list(thread_id)), []);
  });

  it("turns a list over page by page", async () => {
    const numbers = Array.from({ length: 45 }, (_, n) => String(n));
    const thread_id = await threadThatAsks(...numbers);
    const listed = await all(messages.list(thread_id, { limit: 20, order: "asc" }));
    assert.deepEqual(listed.map(textOf), numbers);
  });

  // -- polled runs -------------------------------------------------------------------------------

  it("polls a run to its end within the pace that the server sets", async () => {
    const begun = Date.now();
    const run = await asked("say hello");
    assert.equal(run.status, "completed");
    assert.equal(textOf(await answerOf(run)), "Hello there. 👋");
    assert.ok(Date.now() - begun < 4500, "without openai-poll-after-ms it waits 5 s");
  });

  it("creates, polls, lists and updates a run", async () => {
    const thread_id = await threadThatAsks("say hello");
    const made = await runs.create(thread_id, { assistant_id: await assistantWith() });
    assert.equal(made.status, "queued");
    const done = await runs.poll(made.id, { thread_id });
    assert.deepEqual(await runs.retrieve(made.id, { thread_id }), done);
    assert.deepEqual(await all(runs.list(thread_id)), [done]);
    const changed = await runs.update(made.id, { thread_id, metadata: { k: "v" } });
    assert.deepEqual(changed.metadata, { k: "v" });
    const [step] = await stepsOf(done);
    assert.deepEqual(await runs.steps.retrieve(step.id, { thread_id, run_id: made.id }), step);
  });

  it("creates a thread and its run at once", async () => {
    const body = {
      assistant_id: await assistantWith(),
      thread: { messages: [{ role: "user", content: "say hello" }] },
    };
    const run = await threads.createAndRun(body);
    assert.equal((await runs.poll(run.id, { thread_id: run.thread_id })).status, "completed");
    assert.equal((await threads.createAndRunPoll(body)).status, "completed");
  });

  it("answers functions and polls on", async () => {
    let run = await asked("call weather twice", [WEATHER]);
    const tool_outputs = outputsFor(run, "sunny", "wet");
    const { thread_id } = run;
    const error = await failsWith(
      OpenAI.BadRequestError,
      runs.submitToolOutputs(run.id, { thread_id, tool_outputs: tool_outputs.slice(1) }),
    );
    assert.match(error.message, /Expected tool outputs for call_ids/);
    run = await runs.submitToolOutputsAndPoll(run.id, { thread_id, tool_outputs });
    assert.equal(textOf(await answerOf(run)), "It is sunny and wet.");
  });

  it("runs code and fetches its files", async () => {
    const run = await asked("run code", [CODE]);
    const [image, text] = (await answerOf(run)).content;
    const [link] = text.text.annotations;
    const csv = await (await files.content(link.file_path.file_id)).text();
    assert.equal(csv, "a,b\n1,2\n");
    const bytes = await (await files.content(image.image_file.file_id)).arrayBuffer();
    assert.deepEqual([...new Uint8Array(bytes).slice(0, 4)], PNG);
  });

  it("sees a run fail, and one cut off", async () => {
    const failed = await asked("fail for quota");
    assert.deepEqual([failed.status, failed.last_error.code], ["failed", "rate_limit_exceeded"]);
    const cut = await asked("be cut off");
    assert.equal(cut.incomplete_details.reason, "max_completion_tokens");
  });

  it("cancels a run that waits", async () => {
    const run = await asked("call weather", [WEATHER]);
    const { thread_id } = run;
    await runs.cancel(run.id, { thread_id });
    assert.equal((await runs.poll(run.id, { thread_id })).status, "cancelled");
  });

  // -- streamed runs -----------------------------------------------------------------------------

  it("pieces a text together", async () => {
    const stream = await streamed("say hello");
    const names = told(stream);
    let text = "";
    stream.on("textDelta", (delta) => (text += delta.value ?? ""));
    await stream.done();
    assert.equal(text, "Hello there. 👋");
    assert.deepEqual(names.slice(-2), ["thread.run.completed", "end"]);
    assert.equal((await sameAsStored(stream)).status, "completed");
  });

  it("pieces code and its outputs together", async () => {
    const stream = await streamed("run code", [CODE]);
    const names = told(stream);
    await stream.done();
    assert.equal(names.filter((name) => name === "tool code_interpreter").length, 1);
    assert.equal(names.filter((name) => name === "image done").length, 1);
    await sameAsStored(stream);
  });

  it("pieces a search together", async () => {
    const thread = await threadThatAsks("search for pancakes");
    const assistant_id = await searching();
    const stream = runs.stream(thread, { assistant_id, include: [PASSAGES] });
    const names = told(stream);
    await stream.done();
    assert.ok(names.includes("tool file_search"));
    const run = await sameAsStored(stream);
    const [mark] = (await answerOf(run)).content[0].text.annotations;
    assert.equal(mark.type, "file_citation");
  });

  it("iterates over the events of every helper", async () => {
    const assistant_id = await assistantWith();
    const thread = { messages: [{ role: "user", content: "say hello" }] };
    const thread_id = await threadThatAsks("say hello");
    for (const start of [
      () => runs.createAndStream(thread_id, { assistant_id }),
      () => threads.createAndRunStream({ assistant_id, thread }),
    ]) {
      const helper = start();
      const names = (await all(helper)).map((event) => event.event);
      assert.equal(names.at(-1), "thread.run.completed");
      assert.equal((await helper.finalRun()).status, "completed");
    }
    const plain = await runs.create(await threadThatAsks("say hello"), {
      assistant_id,
      stream: true,
    });
    const names = (await all(plain)).map((event) => event.event);
    assert.deepEqual([names[0], names.at(-1)], ["thread.run.created", "thread.run.completed"]);
  });

  it("submits outputs into a stream, also while the first one is open", async () => {
    const first = await streamed("call weather", [WEATHER]);
    let text = "";
    for await (const event of first) {
      if (event.event !== "thread.run.requires_action") continue;
      const run = event.data;
      const second = runs.submitToolOutputsStream(run.id, {
        thread_id: run.thread_id,
        tool_outputs: outputsFor(run, "sunny"),
      });
      second.on("textDelta", (delta) => (text += delta.value ?? ""));
      assert.equal((await second.finalRun()).status, "completed");
      assert.deepEqual(await second.finalMessages(), [await answerOf(run)]);
    }
    assert.equal(text, "It is sunny.");
    assert.equal((await first.finalRun()).status, "requires_action");
    const [step] = await first.finalRunSteps();
    assert.equal(step.step_details.tool_calls[0].function.arguments, '{"place": "Paris"}');
  });

  for (const [question, status] of [
    ["be cut off", "incomplete"],
    ["fail for quota", "failed"],
    ["fail in a stream", "failed"],
    ["say nothing", "failed"],
  ]) {
    it(`survives a stream that ends otherwise: ${question}`, async () => {
      const stream = await streamed(question);
      const names = told(stream);
      assert.equal((await stream.finalRun()).status, status);
      assert.equal(names.at(-1), "end");
    });
  }

  it("survives a stream that is cancelled", async () => {
    const stream = await streamed("speak slowly");
    const names = [];
    for await (const event of stream) {
      if (event.event === "thread.message.delta" && names.at(-1) !== event.event) {
        const run = stream.currentRun();
        await runs.cancel(run.id, { thread_id: run.thread_id });
      }
      names.push(event.event);
    }
    assert.deepEqual(names.slice(-4), [
      "thread.message.incomplete",
      "thread.run.step.cancelled",
      "thread.run.cancelling",
      "thread.run.cancelled",
    ]);
    assert.equal((await stream.finalRun()).status, "cancelled");
    assert.match(textOf((await stream.finalMessages())[0]), /^word0 /);
  });

  // -- files and uploads -------------------------------------------------------------------------

  it("takes a file from upload to deletion", async () => {
    const file = await toFile(Buffer.from("a,b\n"), "Grüße.csv", { type: "text/csv" });
    const made = await files.create({ file, purpose: "assistants" });
    assert.deepEqual([made.filename, made.bytes], ["Grüße.csv", 4]);
    assert.deepEqual(await files.retrieve(made.id), made);
    assert.deepEqual(await files.waitForProcessing(made.id, { pollInterval: 100 }), made);
    assert.ok((await all(files.list({ purpose: "assistants" }))).some((f) => f.id === made.id));
    assert.equal(await (await files.content(made.id)).text(), "a,b\n");
    assert.ok((await files.delete(made.id)).deleted);
    await failsWith(OpenAI.NotFoundError, files.retrieve(made.id));
  });

  it("puts an upload together from its parts, or cancels it", async () => {
    const body = { bytes: 6, filename: "p.csv", mime_type: "text/csv", purpose: "assistants" };
    const made = await uploads.create(body);
    const part = async (text) =>
      uploads.parts.create(made.id, { data: await toFile(Buffer.from(text), "part") });
    const [later, first] = [await part("def"), await part("abc")];
    const done = await uploads.complete(made.id, { part_ids: [first.id, later.id] });
    assert.equal(done.status, "completed");
    assert.equal(await (await files.content(done.file.id)).text(), "abcdef");
    assert.equal((await uploads.cancel((await uploads.create(body)).id)).status, "cancelled");
  });

  it("lists the models", async () => {
    assert.ok((await all(stock.models.list())).some((model) => model.id === MODEL));
    assert.equal((await stock.models.retrieve(MODEL)).id, MODEL);
  });

  // -- vector stores -----------------------------------------------------------------------------

  it("takes a vector store from creation to deletion", async () => {
    const made = await vectorStores.create({ name: "Books" });
    assert.deepEqual(await vectorStores.retrieve(made.id), made);
    assert.ok((await all(vectorStores.list({ limit: 100 }))).some((s) => s.id === made.id));
    assert.equal((await vectorStores.update(made.id, { name: "More" })).name, "More");
    assert.ok((await vectorStores.delete(made.id)).deleted);
  });

  it("attaches, polls, updates, reads and removes a file", async () => {
    const vector_store_id = (await vectorStores.create({})).id;
    const file_id = await handbook();
    const stored = vectorStores.files;
    await stored.create(vector_store_id, { file_id, attributes: { year: 2024 } });
    const done = await stored.poll(vector_store_id, file_id);
    assert.equal(done.status, "completed");
    assert.deepEqual(await stored.retrieve(file_id, { vector_store_id }), done);
    assert.deepEqual(await all(stored.list(vector_store_id)), [done]);
    const attributes = { year: 2025 };
    const changed = await stored.update(file_id, { vector_store_id, attributes });
    assert.deepEqual(changed.attributes, attributes);
    const [text] = await all(stored.content(file_id, { vector_store_id }));
    assert.match(text.text, /pancakes/);
    assert.ok((await stored.delete(file_id, { vector_store_id })).deleted);
  });

  it("uploads files into a vector store and searches it", async () => {
    const { id } = await vectorStores.create({});
    const file = () => toFile(Buffer.from(HANDBOOK), "a.md");
    const first = await vectorStores.files.upload(id, await file());
    assert.equal((await vectorStores.files.poll(id, first.id)).status, "completed");
    const second = await vectorStores.files.uploadAndPoll(id, await file());
    assert.equal(second.status, "completed");
    const found = await all(vectorStores.search(id, { query: "pancakes" }));
    assert.equal(found.length, 2);
    assert.match(found[0].content[0].text, /pancakes/);
  });

  it("attaches batches of files", async () => {
    const vector_store_id = (await vectorStores.create({})).id;
    const batches = vectorStores.fileBatches;
    const made = await batches.create(vector_store_id, { file_ids: [await handbook()] });
    const done = await batches.poll(vector_store_id, made.id);
    assert.equal(done.status, "completed");
    assert.deepEqual(await batches.retrieve(made.id, { vector_store_id }), done);
    assert.equal((await all(batches.listFiles(made.id, { vector_store_id }))).length, 1);
    assert.equal((await batches.cancel(made.id, { vector_store_id })).status, "completed");
    const second = await batches.createAndPoll(vector_store_id, { file_ids: [await handbook()] });
    assert.equal(second.status, "completed");
    const given = await Promise.all(
      ["x.md", "y.md", "z.md"].map((name) => toFile(Buffer.from(HANDBOOK), name)),
    );
    const third = await batches.uploadAndPoll(vector_store_id, {
      files: given,
      fileIds: [await handbook()],
    });
    assert.deepEqual([third.status, third.file_counts.completed], ["completed", 4]);
  });

  // -- errors ------------------------------------------------------------------------------------

  it("raises BadRequestError for what is wrong", async () => {
    const wrong = assistants.create({ model: MODEL, temperature: 3 });
    const error = await failsWith(OpenAI.BadRequestError, wrong);
    assert.deepEqual([error.status, error.param], [400, "temperature"]);
    assert.equal(error.code, "decimal_above_max_value");
  });

  it("raises BadRequestError, not ConflictError, for a locked thread", async () => {
    const run = await asked("call weather", [WEATHER]);
    const more = messages.create(run.thread_id, { role: "user", content: "more" });
    assert.match(
      (await failsWith(OpenAI.BadRequestError, more)).message,
      new RegExp(`Can't add messages to ${run.thread_id} while a run ${run.id} is active.`),
    );
  });

  it("raises AuthenticationError for a wrong key", async () => {
    const stranger = stock.withOptions({ apiKey: "sk-wrong-wrong-wrong-1234" });
    const error = await failsWith(OpenAI.AuthenticationError, stranger.beta.threads.create());
    assert.deepEqual([error.status, error.code], [401, "invalid_api_key"]);
  });

  it("raises PermissionDeniedError for what the authorizer forbids", async () => {
    const reader = { headers: { "X-Role": "reader" } };
    const error = await failsWith(OpenAI.PermissionDeniedError, threads.create({}, reader));
    assert.deepEqual([error.status, error.type], [403, "invalid_request_error"]);
  });

  it("raises NotFoundError for what is unknown, also before a stream", async () => {
    const error = await failsWith(OpenAI.NotFoundError, assistants.retrieve("asst_X"));
    assert.match(error.message, /No assistant found with id 'asst_X'\./);
    assert.match(error.requestID, /^req_/);
    const stream = runs.stream(await threadThatAsks("say hello"), { assistant_id: "asst_X" });
    await failsWith(OpenAI.NotFoundError, stream.done());
  });
});

// The official OpenAI client for JavaScript, as it is, against a server whose address is the first argument; the second is
// a picture in base64. NODE_PATH says where the package lies.
//
// Prints "ok" when every call gave what its user expects; fails with a trace otherwise.
"use strict";
const assert = require("node:assert/strict");
const OpenAI = require("openai");

const [base, picture] = process.argv.slice(2);
const PICTURE = `data:image/png;base64,${picture}`;
const BLUE = "a blue banana";
const user = (content) => [{ role: "user", content }];
const isPng = (base64) => Buffer.from(base64, "base64").subarray(0, 4).toString("latin1") === "\x89PNG";

async function wholeChat(client) {
  const answer = await client.chat.completions.create({ model: "gill", messages: user("a red apple"), seed: 3 });
  const parts = answer.choices[0].message.content;
  assert.deepEqual(parts.map((part) => part.type), ["text", "image_url", "text"]);
  const { image, decision } = parts[1].gill;
  assert.equal(image.kind, "retrieved");
  assert.equal(image.licence, "Apache-2.0");
  assert.equal(decision.p_retrieve, 0.83);
  assert.equal(answer.choices[0].finish_reason, "stop");
  assert.equal(answer.usage.total_tokens, 21);
  const bytes = await fetch(base + parts[1].image_url.url);
  assert.equal(bytes.headers.get("content-type"), "image/png");
}

async function picturesGoIn(client) {
  const question = [
    { type: "text", text: "what is this?" },
    { type: "image_url", image_url: { url: PICTURE } },
  ];
  const plain = await client.chat.completions.create({ model: "gill", messages: user(question), image_mode: "none" });
  assert.equal(plain.choices[0].message.content, "Here is what you asked for: ");
  // An answer goes back as it came, its picture included.
  const first = await client.chat.completions.create({ model: "gill", messages: user("a red apple") });
  const second = await client.chat.completions.create({
    model: "gill",
    messages: [...user("a red apple"), first.choices[0].message, ...user(question)],
  });
  assert.equal(second.choices[0].message.content[1].type, "image_url");
}

async function streamedChat(client) {
  const stream = await client.chat.completions.create({
    model: "gill",
    messages: user([
      { type: "image_url", image_url: { url: PICTURE } },
      { type: "text", text: BLUE },
    ]),
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let usage = null;
  const order = [];
  for await (const chunk of stream) {
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices) {
      if (choice.delta.content) {
        text += choice.delta.content;
        order.push("text");
      }
      for (const image of choice.delta.images ?? []) {
        order.push(image.gill.image.kind);
      }
    }
  }
  assert.equal(text, "Here is what you asked for:  Enjoy.");
  assert.deepEqual(order, ["text", "text", "generated", "text"]);
  assert.equal(usage.completion_tokens, 9);
}

async function stopped(client) {
  const stream = await client.chat.completions.create({ model: "gill", messages: user("slow"), stream: true });
  for await (const chunk of stream) {
    if (chunk.choices[0].delta.content) break;
  }
  assert.ok(stream.controller.signal.aborted);
}

async function drawn(client) {
  const answer = await client.images.generate({
    model: "gill", prompt: BLUE, n: 2, size: "64x64", response_format: "b64_json",
    seed: 7, steps: 3, guidance: 2.5, negative_prompt: "text",
  });
  assert.equal(answer.data.length, 2);
  assert.ok(answer.data.every((image) => isPng(image.b64_json)));
  assert.equal(answer.data[0].gill.image.kind, "generated");
  const byAddress = await client.images.generate({ prompt: BLUE });
  assert.ok(byAddress.data[0].url.startsWith(base));
  const file = Buffer.from(await (await fetch(byAddress.data[0].url)).arrayBuffer());
  assert.ok(isPng(file.toString("base64")));
  const completed = [];
  for await (const event of await client.images.generate({ prompt: BLUE, stream: true })) {
    if (event.type === "image_generation.completed") completed.push(event);
  }
  assert.equal(completed.length, 1);
  const growing = [];
  for await (const event of await client.images.generate({ prompt: BLUE, stream: true, partial_images: 3 })) {
    growing.push(event);
  }
  assert.deepEqual(growing.map((event) => event.partial_image_index ?? event.type), [0, 1, "image_generation.completed"]);
  assert.ok([...completed, ...growing].every((event) => isPng(event.b64_json)));
}

async function embedded(client) {
  const norm = (vector) => Math.hypot(...vector);
  const one = (await client.embeddings.create({ model: "gill", input: "an apple" })).data[0].embedding;
  assert.ok(Math.abs(norm(one) - 1) < 1e-4);
  const many = await client.embeddings.create({ model: "gill", input: ["an apple", PICTURE], encoding_format: "float" });
  assert.deepEqual(many.data.map((item) => item.index), [0, 1]);
  assert.ok(many.data[0].embedding.every((value, i) => Math.abs(value - one[i]) < 1e-6));
}

async function listed(client) {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.deepEqual(names, ["icons"]);
  assert.equal((await client.models.retrieve("icons")).owned_by, "local");
}

async function refused(client) {
  const cases = [
    [() => client.images.generate({ prompt: BLUE, style: "vivid" }), OpenAI.BadRequestError, 400, "unknown_field"],
    [() => client.images.generate({ prompt: BLUE, size: "1024x1024" }), OpenAI.UnprocessableEntityError, 422, "invalid_value"],
    [() => client.chat.completions.create({ model: "gill", messages: user("full") }), OpenAI.InternalServerError, 503, "overloaded"],
    [() => client.chat.completions.create({ model: "gill", messages: user("full"), stream: true }), OpenAI.InternalServerError, 503, "overloaded"],
    [() => client.models.retrieve("gpt-4"), OpenAI.NotFoundError, 404, "model_not_found"],
  ];
  for (const [call, type, status, code] of cases) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof type, String(error));
      assert.equal(error.status, status);
      assert.equal(error.code, code);
      assert.ok(error.message.length > String(status).length, "the message says why");
      return true;
    });
  }
}

async function brokenMidway(client) {
  const stream = await client.chat.completions.create({ model: "gill", messages: user("midway"), stream: true });
  await assert.rejects(async () => {
    for await (const _ of stream);
  }, OpenAI.APIError);
}

// The server is full once, and says how long to wait.
async function triedAgain(client) {
  const patient = client.withOptions({ maxRetries: 2 });
  const began = Date.now();
  const answer = await patient.chat.completions.create({ model: "gill", messages: user("busy-js an apple") });
  assert.equal(answer.choices[0].finish_reason, "stop");
  assert.ok(Date.now() - began >= 1900, "Retry-After was not waited for");
}

async function rateKept(client) {
  const embed = (using) => using.embeddings.create({ model: "gill", input: "an apple" });
  await assert.rejects(async () => {
    for (let i = 0; i < 100; i++) await embed(client);
  }, (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError, String(error));
    assert.equal(error.code, "too_many_requests");
    assert.ok(Number(error.headers.get("retry-after")) >= 1);
    return true;
  });
  assert.equal((await embed(client.withOptions({ maxRetries: 3 }))).data.length, 1);
}

const CHECKS = {
  all: [wholeChat, picturesGoIn, streamedChat, stopped, drawn, embedded, listed, refused, brokenMidway, triedAgain],
  rate: [rateKept],
};

async function main() {
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "none", maxRetries: 0 });
  for (const check of CHECKS[process.argv[4] ?? "all"]) await check(client);
  console.log("ok");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

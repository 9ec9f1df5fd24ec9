// Calls the server this page came from.

import { askKey } from "./key.js";

export class ApiError extends Error {
  constructor(detail, status, field, code) {
    super(detail);
    this.status = status;
    this.field = field;
    this.code = code;
  }
}

async function send(path, request) {
  try {
    return await fetch(path, request);
  } catch (fault) {
    if (fault.name === "AbortError") {
      throw fault;
    }
    throw new ApiError("The server cannot be reached. Is it still running?", 0);
  }
}

// A server that wants a key is asked again with the one the reader gives.
async function call(path, request = {}) {
  let response = await send(path, request);
  if (response.status === 401 && (await askKey())) {
    response = await send(path, request);
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new ApiError(problem.detail ?? `The server answered ${response.status}.`, response.status, problem.field, problem.code);
  }
  return response;
}

const withBody = (method, path, body, signal) =>
  call(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
const post = (path, body, signal) => withBody("POST", path, body, signal);

export const lookup = (body, signal) => post("/v1/lookup", body, signal).then((r) => r.json());
export const search = (body, signal) => post("/v1/search", body, signal).then((r) => r.json());

const at = (id) => `/v1/sessions/${encodeURIComponent(id)}`;
export const sessions = (skip, limit) =>
  call(`/v1/sessions?${new URLSearchParams({ skip, limit })}`).then((r) => r.json());
export const session = (id) => call(at(id)).then((r) => r.json());
export const forgetSession = (id) => call(at(id), { method: "DELETE" });
export const renameSession = (id, title) => withBody("PATCH", at(id), { title });
export const forkSession = (id, messages) => post(`${at(id)}/fork`, { messages }).then((r) => r.json());
export const redoImage = (id, index, options, signal) => post(`${at(id)}/messages/${index}/image`, options, signal).then((r) => r.json());

export const takeDown = (body) => post("/v1/takedowns", body).then((r) => r.json());
export const takedowns = () => call("/v1/takedowns").then((r) => r.json());
export const corpora = () => call("/v1/corpora").then((r) => r.json());
export const startJob = (body) => post("/v1/jobs", body).then((r) => r.json());
export const job = (id) => call(`/v1/jobs/${encodeURIComponent(id)}`).then((r) => r.json());
export const jobs = (limit) => call(`/v1/jobs?${new URLSearchParams({ limit })}`).then((r) => r.json());
export const cancelJob = (id) => call(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });
export const failures = (id, skip, limit) =>
  call(`/v1/jobs/${encodeURIComponent(id)}/failures?${new URLSearchParams({ skip, limit })}`).then((r) => r.json());
export const jobEvents = (id) => new EventSource(`/v1/jobs/${encodeURIComponent(id)}/events`);
export const keyState = () => fetch("/v1/key").then((r) => r.json());
export const dropKey = () => fetch("/v1/key", { method: "DELETE" });

export const feedback = (body) => post("/v1/feedback", body).then((r) => r.json());
export const listFeedback = (after, limit) =>
  call(`/v1/feedback?${new URLSearchParams({ after, limit })}`).then((r) => r.json());

// Yields {text}, {image}, {withoutImage}, {progress}, {preview} and at last {end}.
export async function* chat(body, signal) {
  const response = await post("/v1/chat/completions", { ...body, stream: true }, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { value, done } = await reader.read().catch((fault) => {
      throw fault.name === "AbortError" ? fault : new ApiError("The connection broke.", 0);
    });
    if (done) {
      throw new ApiError("The answer broke off.", 0);
    }
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line === "data: [DONE]") {
        return;
      }
      if (line.startsWith(": progress ")) {
        yield { progress: JSON.parse(line.slice(11)) };
      } else if (line.startsWith(": preview ")) {
        yield { preview: JSON.parse(line.slice(10)) };
      } else if (line.startsWith("data: ")) {
        yield* events(JSON.parse(line.slice(6)));
      }
    }
  }
}

function* events(chunk) {
  if (chunk.error) {
    throw new ApiError(chunk.error.message, 500);
  }
  const choice = chunk.choices?.[0];
  if (choice?.delta?.content) {
    yield { text: choice.delta.content };
  }
  for (const part of choice?.delta?.images ?? []) {
    yield { image: part.gill };
  }
  for (const shown of choice?.delta?.without_image ?? []) {
    yield { withoutImage: shown };
  }
  if (choice?.finish_reason) {
    yield { end: choice.finish_reason, gill: chunk.gill };
  }
}

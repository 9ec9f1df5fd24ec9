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
export async function call(path, request = {}) {
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
export const post = (path, body, signal) => withBody("POST", path, body, signal);

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

// Reads a streamed answer, and reads on where its connection broke.

import { ApiError, call, post } from "./api.js";

const PAUSES = [300, 1000, 2000, 4000, 8000, 8000];

// Yields {text}, {image}, {withoutImage}, {progress}, {preview}, {broken} while the connection is
// taken up again, and at last {end}.
export async function* chat(body, signal) {
  let response = await post("/v1/chat/completions", { ...body, stream: true, resumable: true }, signal);
  const stream = `/v1/streams/${encodeURIComponent(response.headers.get("X-Stream-Id"))}`;
  // Nobody will read on: the server need not wait for that.
  const stop = () => fetch(stream, { method: "DELETE", keepalive: true }).catch(() => {});
  signal.addEventListener("abort", stop);
  window.addEventListener("pagehide", stop);
  let last = 0;
  try {
    while (true) {
      for await (const { id, line } of read(response, signal)) {
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
        last = id ?? last;
      }
      yield { broken: true };
      response = await resumed(`${stream}/events`, last, signal);
    }
  } finally {
    signal.removeEventListener("abort", stop);
    window.removeEventListener("pagehide", stop);
  }
}

// The events of a response, each with its number, until the connection ends, however that is.
async function* read(response, signal) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { value, done } = await reader.read().catch(() => ({ done: true }));
    signal.throwIfAborted();
    if (done) {
      return;
    }
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const id = lines[0].startsWith("id: ") ? Number(lines.shift().slice(4)) : undefined;
      for (const line of lines) {
        yield { id, line };
      }
    }
  }
}

async function resumed(path, last, signal) {
  for (const pause of PAUSES) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
    signal.throwIfAborted();
    try {
      const response = await call(path, { headers: { "Last-Event-ID": String(last) }, signal });
      if (response.status === 200) {
        return response;
      }
      break;
    } catch (fault) {
      if (fault.name === "AbortError") {
        throw fault;
      }
      if (fault.status !== 0 && fault.status !== 503) {
        break;
      }
    }
  }
  throw new ApiError("The answer broke off.", 0);
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

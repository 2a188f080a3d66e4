import * as v from "valibot";

const text = v.string("must be a string");
const optionalText = v.optional(text);
const id = v.pipe(text, v.nonEmpty("must not be empty"));
const anyJson = v.optional(v.unknown());

const HistoryEntry = v.object({ role: text, content: text, content_json: anyJson }, "must be an object");

/**
 * What the main app sends for each user message. It is liberal, because the sender is not ours: unknown fields are ignored,
 * and only `event`, `app.id`, `thread.id` and `message.content` are required. /openapi.json is made from this schema.
 */
export const PayloadSchema = v.object(
  {
    event: v.literal("message_received", "must be message_received"),
    version: optionalText,
    app: v.object({ id, name: v.nullish(text) }, "must be an object"),
    thread: v.object({ id, customer_id: v.nullish(text) }, "must be an object"),
    message: v.object(
      {
        id: optionalText,
        seq: v.optional(v.pipe(v.number("must be an integer"), v.integer("must be an integer"))),
        role: optionalText,
        content: text,
        content_json: anyJson,
      },
      "must be an object",
    ),
    history_tail: v.optional(v.array(HistoryEntry, "must be a list"), []),
    timestamp: optionalText,
  },
  "must be an object",
);

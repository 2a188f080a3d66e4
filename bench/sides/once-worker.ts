import { durableObjectStore, type OnceObject } from "../../workers/once-object.ts";
import { claimTimes } from "./claim-times.ts";

export { OnceObject } from "../../workers/once-object.ts";

export default {
  async fetch(request, { ONCE }) {
    const count = Number(new URL(request.url).searchParams.get("claims"));
    return Response.json(await claimTimes(durableObjectStore(ONCE), count));
  },
} satisfies ExportedHandler<{ ONCE: DurableObjectNamespace<OnceObject> }>;

import type { Front } from "../listen/front.ts";
import { createApi } from "./api/api.ts";
import { ExchangeLog } from "./page/exchange-log.ts";
import { Hub } from "./page/hub.ts";
import { MainAppRequests, type PassingOn } from "./page/main-app-requests.ts";
import { pageRoutes } from "./page/routes.ts";
import type { Store } from "./store/store.ts";

interface CreatedPlayground extends Pick<ReturnType<typeof createApi>, "fetch"> {
  /** What stands in front of the webhook, if requests of the real main app are to be passed on. */
  readonly front: Front | undefined;
}

interface CreateOptions {
  /** Where the reply is written, for the page to name. */
  readonly replyFile?: string | undefined;
  readonly passing?: PassingOn | undefined;
}

/** The page and the main app's API beside it, on one address: pass it to `serve`. */
export function createPlayground(store: Store, { replyFile = "", passing }: CreateOptions = {}): CreatedPlayground {
  const hub = new Hub();
  const log = new ExchangeLog(store, hub.tell);
  const front = passing && new MainAppRequests(store, log, hub.tell, passing);
  const page = pageRoutes(store, log, hub, replyFile, front);
  const api = createApi({ store, observe: log.observe });
  return {
    front,
    fetch(request, ...more) {
      const { pathname } = new URL(request.url);
      const isPage = pathname === "/" || pathname.startsWith("/playground/");
      return (isPage ? page : api).fetch(request, ...more);
    },
  };
}

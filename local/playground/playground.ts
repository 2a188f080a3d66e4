import { createApi } from "./api/api.ts";
import { ExchangeLog } from "./page/exchange-log.ts";
import { Hub } from "./page/hub.ts";
import { type PageFiles, pageRoutes } from "./page/routes.ts";
import type { Store } from "./store/store.ts";

/** The page and the main app's API beside it, on one address: pass it to `serve`. */
export function createPlayground(store: Store, files: PageFiles): Pick<ReturnType<typeof createApi>, "fetch"> {
  const hub = new Hub();
  const log = new ExchangeLog(store, hub.tell);
  const page = pageRoutes(store, log, hub, files);
  const api = createApi({ store, observe: log.observe });
  return {
    fetch(request, ...more) {
      const { pathname } = new URL(request.url);
      const isPage = pathname === "/" || pathname.startsWith("/playground/");
      return (isPage ? page : api).fetch(request, ...more);
    },
  };
}

/** The thread id that the dashboard's Test button sends. There is no such thread. */
export const NIL_THREAD_ID = "00000000-0000-0000-0000-000000000000";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `id` can exist in the main app: a UUID (RFC 9562) other than the nil one. Such an id is safe in a URL. */
export function isRealId(id: string): boolean {
  return UUID.test(id) && id !== NIL_THREAD_ID;
}

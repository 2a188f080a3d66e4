/** The thread id of the dashboard's Test button: no thread at all, and it reads JSON only. */
export const NIL_THREAD_ID = "00000000-0000-0000-0000-000000000000";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `id` names something that exists in the main app: a UUID (RFC 9562) other than the nil one. Safe in a URL. */
export function isRealId(id: string): boolean {
  return UUID.test(id) && id !== NIL_THREAD_ID;
}

/** After this long without a byte the main app gives up, in milliseconds. */
export const MAIN_APP_PATIENCE_MS = 8000;

/** A mistake of the user. Its message is shown as one sentence, without a stack. */
export class UsageError extends Error {}

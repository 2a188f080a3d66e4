/** The secrets of the webhook under test, and one that it does not know. */
export const SECRETS = {
  current: "current-secret",
  previous: "previous-secret-é",
  own: "own-secret",
  stranger: "strangers-secret",
};
export type Signer = keyof typeof SECRETS;

/** The App that has a secret of its own. */
export const OWN_APP = "own-app";

export const SIGNED_ENV = {
  WEBHOOK_SECRET: SECRETS.current,
  WEBHOOK_SECRET_PREVIOUS: SECRETS.previous,
  WEBHOOK_SECRETS: JSON.stringify({ [OWN_APP]: SECRETS.own }),
};

/** What the command says with its options, and the page with its parts. */
const ON_THE_PAGE: readonly (readonly [command: RegExp, page: string])[] = [
  [/: --secret, or WEBHOOK_SECRET in the environment or in \.env/, " in the App's settings"],
  [/ \(--secret\)/, " in the App's settings"],
  [/ \(--stream URL\)/, ": its URL ends in /stream"],
  [/Give it as --stream, and give the URL that answers JSON as URL\./, "The checks of JSON need an App with the other URL."],
  [/[,;]? (?:or )?check a few groups at a time with --only/, ""],
  [/If it only needs longer, give --timeout in milliseconds\. /, ""],
  [/To find out why one request was refused: .*/, "The Signature tab of a message shows what was signed."],
];

/** A sentence of the checks without the options of the command. */
export function pageWords(text: string): string {
  return ON_THE_PAGE.reduce((words, [command, page]) => words.replace(command, page), text);
}

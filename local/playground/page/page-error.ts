/** A sentence for the person at the page. */
export class PageError extends Error {
  readonly status: 400 | 404 | 409;
  constructor(status: PageError["status"], message: string) {
    super(message);
    this.status = status;
  }
}

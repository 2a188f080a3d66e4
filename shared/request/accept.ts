/** Which media types an Accept header (RFC 9110) names, with a quality above 0. */
export function acceptedTypes(accept: string | null): { json: boolean; eventStream: boolean; html: boolean } {
  const types = (accept ?? "*/*").split(",").map((range) => {
    const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return Number(quality) <= 0 ? undefined : type;
  });
  return {
    json: types.includes("application/json"),
    eventStream: types.includes("text/event-stream"),
    html: types.includes("text/html"),
  };
}

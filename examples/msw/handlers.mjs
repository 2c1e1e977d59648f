// Handlers of Mock Service Worker from the contract: every operation answers with its first documented example, in the
// page or in unit tests, without a mock that runs. Save the document once: curl http://127.0.0.1:4010/openapi.json -o openapi.json
import { fromOpenApi } from "@msw/source/open-api";

/** The handlers of a document, whose operations are at an address such as location.origin. */
export async function handlersOf(document, url) {
  return fromOpenApi({ ...document, servers: [{ url }] });
}

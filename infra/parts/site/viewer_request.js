import cf from "cloudfront";

// The rule of routes.py for requests that CloudFront receives: a page and a file come from the
// bucket, which is the behavior's own origin, everything else from the HTTP API.
const ROUTES = {};

const HTML = /^[ \t]*text\/html[ \t]*(;|$)/i;
const REFUSED = /;[ \t]*q=0(\.0*)?[ \t]*(;|$)/i;

function handler(event) {
  const request = event.request;
  const path = request.uri;
  const parts = path.substring(1).split("/");
  const first = parts[0];
  const reads = request.method === "GET" || request.method === "HEAD";

  if (first === ROUTES.prefix) return toApi(event, "/" + parts.slice(1).join("/"));
  if (reads && isFile(path, parts)) return toSite(request, path);
  const isApi = has(ROUTES.api, first);
  if (reads && isPage(path) && (!isApi || acceptsHtml(request.headers.accept))) {
    return toSite(request, "/index.html");
  }
  return isApi ? toApi(event, path) : nothing();
}

function toSite(request, path) {
  request.uri = path;
  request.querystring = {}; // the bucket would take a query for a request of its own API
  return request;
}

function toApi(event, path) {
  const request = event.request;
  cf.selectRequestOriginById("api");
  request.uri = path;
  request.headers["x-viewer-address"] = { value: event.viewer.ip };
  delete request.headers["x-viewer-host"];
  const host = request.headers.host;
  if (host !== undefined) request.headers["x-viewer-host"] = { value: host.value };
  return request;
}

function nothing() {
  return {
    statusCode: 404,
    statusDescription: "Not Found",
    headers: { "content-type": { value: "text/plain; charset=utf-8" } },
    body: { encoding: "text", data: "There is nothing at this address.\n" },
  };
}

function isFile(path, parts) {
  return has(ROUTES.files, path.substring(1)) || (has(ROUTES.folders, parts[0]) && parts.length > 1);
}

function isPage(path) {
  if (path === "/") return true;
  const bare = path.replace(/\/$/, "").substring(1);
  if (has(ROUTES.unpaged, bare)) return false;
  const parts = bare.split("/");
  return has(ROUTES.pages, parts[0]) && parts.length <= 2;
}

function acceptsHtml(header) {
  if (header === undefined) return false;
  const values = header.multiValue === undefined ? [header] : header.multiValue;
  return values.some(function (one) {
    return one.value.split(",").some(function (kind) {
      return HTML.test(kind) && !REFUSED.test(kind);
    });
  });
}

function has(names, name) {
  return names.indexOf(name) !== -1;
}

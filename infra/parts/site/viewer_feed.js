// A WebSocket API answers its stage's own path only, and 403 to any path below it.
function handler(event) {
  event.request.uri = "/STAGE";
  return event.request;
}

/// A field in the head of a request that means something to a route.
enum HeaderField: String, Hashable, Sendable, CaseIterable {
  case idempotencyKey = "Idempotency-Key"
  case prefer = "Prefer"
  case lastEventID = "Last-Event-ID"
  case range = "Range"
  case ifRange = "If-Range"
  case held = "Ledger-Position"
  case ifNoneMatch = "If-None-Match"
  case cohortConsole = "Cohort-Console"
  case syncRun = "Sync-Run"

  var detail: String {
    switch self {
    case .idempotencyKey:
      "Makes a repeated request harmless: the second is answered from the log, with "
        + "`Idempotency-Replayed: true`. 1 to 255 printable ASCII characters."
    case .prefer: "`return=representation` asks for the outcome of each identifier."
    case .lastEventID:
      "The checkpoint of the last event that was received; weighs more than `after`."
    case .range: "One range of bytes; anything else is answered with the whole."
    case .ifNoneMatch: "The `ETag` of what one has; if it is still that, 304 says so."
    case .cohortConsole:
      "`1`: the console's own page sends it with everything but GET and HEAD that a session signs, "
        + "and here always. Pages from elsewhere cannot."
    case .syncRun:
      "What a run of `cohort sync` tells of itself, as base64url: it stands in `sync_runs` then."
    case .held:
      "Of one who follows the log: the last position that he holds. He is then listed in "
        + "`/ledger/status`."
    case .ifRange: "The `ETag` of the bytes that one has; the whole is answered if it is another."
    }
  }

  var schema: Schema {
    switch self {
    case .idempotencyKey: .pattern("^[ -~]{1,255}$")
    case .prefer: .string.example("return=representation")
    case .lastEventID: QueryParameter.after.schema
    case .held: .position
    case .range: .string.example("bytes=4096-")
    case .ifRange, .ifNoneMatch: .string
    case .syncRun: .pattern("^[A-Za-z0-9_-]{1,2048}$")
    case .cohortConsole: .choice(["1"])
    }
  }
}

/// A field in the head of an answer.
enum AnswerField: String, Hashable, Sendable, CaseIterable {
  case ledgerPosition = "Ledger-Position"
  case ledgerTime = "Ledger-Time"
  case replayed = "Idempotency-Replayed"
  case authenticate = "WWW-Authenticate"
  case retryAfter = "Retry-After"
  case rateLimit = "x-ratelimit-limit"
  case rateRemaining = "x-ratelimit-remaining"
  case rateReset = "x-ratelimit-reset"
  case acceptRanges = "Accept-Ranges"
  case contentRange = "Content-Range"
  case entityTag = "ETag"
  case setCookie = "Set-Cookie"

  var detail: String {
    switch self {
    case .ledgerPosition: "What the answer stands on: the position of the last durable event."
    case .ledgerTime: "Of lines, which have no place for it: the moment that they show."
    case .replayed: "`true` if this is the answer to an earlier request with the same key."
    case .authenticate: "How a key is shown."
    case .retryAfter: "After how many seconds to try again."
    case .rateLimit: "Requests in an hour, if they are limited."
    case .rateRemaining: "How many of them are left."
    case .rateReset: "When the next hour begins, in seconds since 1970."
    case .acceptRanges: "`bytes`."
    case .contentRange: "Which bytes these are, and how many are durable."
    case .setCookie: "The session, for a browser: `HttpOnly`, `SameSite=Strict`."
    case .entityTag: "Names the file. That of the log stays the same while it grows."
    }
  }

  var schema: Schema {
    switch self {
    case .ledgerPosition: .position
    case .ledgerTime: .time
    case .replayed: .choice(["true"])
    case .retryAfter, .rateLimit, .rateRemaining, .rateReset: .count
    case .authenticate, .acceptRanges, .contentRange, .entityTag, .setCookie: .string
    }
  }
}

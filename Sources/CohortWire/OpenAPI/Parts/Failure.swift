/// A way in which a request can fail, each with one status of HTTP.
enum Failure: String, Hashable, Sendable, CaseIterable {
  case badRequest = "BadRequest"
  case unauthorized = "Unauthorized"
  case forbidden = "Forbidden"
  case notFound = "NotFound"
  case requestTimeout = "RequestTimeout"
  case conflict = "Conflict"
  case contentTooLarge = "ContentTooLarge"
  case targetTooLong = "TargetTooLong"
  case unsupportedMediaType = "UnsupportedMediaType"
  case rangeNotSatisfiable = "RangeNotSatisfiable"
  case locked = "Locked"
  case tooManyRequests = "TooManyRequests"
  case headTooLarge = "HeadTooLarge"
  case internalError = "InternalError"
  case unavailable = "Unavailable"
  case storageFull = "StorageFull"

  var status: Int {
    switch self {
    case .badRequest: 400
    case .unauthorized: 401
    case .forbidden: 403
    case .notFound: 404
    case .requestTimeout: 408
    case .conflict: 409
    case .contentTooLarge: 413
    case .targetTooLong: 414
    case .unsupportedMediaType: 415
    case .rangeNotSatisfiable: 416
    case .locked: 423
    case .tooManyRequests: 429
    case .headTooLarge: 431
    case .internalError: 500
    case .unavailable: 503
    case .storageFull: 507
    }
  }

  /// When it happens.
  var detail: String {
    switch self {
    case .badRequest:
      "Something in the request is wrong: its path, a parameter, or the body. The message names "
        + "the field, and nothing was changed."
    case .unauthorized:
      "A key is missing, wrong, no longer valid, or shown from outside its networks."
    case .forbidden:
      "The key is good but lacks the permission that `permission` names, or the console's session "
        + "is used by a page that is not the console's."
    case .notFound: "What the request is about does not exist at the moment asked for."
    case .requestTimeout: "The request did not arrive in time."
    case .conflict:
      "The request contradicts what is there: an idempotency key that was used for another "
        + "request, another version than expected, or a place in a history that was restored since."
    case .contentTooLarge: "The body is longer than the limit, or too much for one request."
    case .targetTooLong: "Path and query are longer than 8 KiB."
    case .unsupportedMediaType:
      "The body is not JSON in UTF-8, or it has a Content-Encoding."
    case .rangeNotSatisfiable: "The range begins behind the durable end of the log."
    case .locked: "The cohort is archived."
    case .tooManyRequests: "Too many requests of this partner, or too many wrong keys, in an hour."
    case .headTooLarge: "The head has a line over 8 KiB, more than 100 fields, or 32 KiB in all."
    case .internalError:
      "The log cannot be read there (`Log damaged`, with the place), or the server has failed."
    case .unavailable:
      "Not now: overloaded, shutting down, `Outcome unknown`, `Writes stopped` or `Log damaged`, "
        + "with the reason."
    case .storageFull: "The disk is full. Nothing was changed; writing resumes by itself."
    }
  }

  /// What stands in its head.
  var headers: [AnswerField] {
    switch self {
    case .unauthorized: [.authenticate]
    case .tooManyRequests, .unavailable, .storageFull: [.retryAfter]
    case .rangeNotSatisfiable: [.contentRange]
    default: []
    }
  }
}

extension Route {
  /// Every failure that a request of this route can meet, by status.
  ///
  /// - Parameter own: Those that only this route has.
  /// - Returns: Each once.
  func failures(_ own: [Failure]) -> [Failure] {
    var all: Set<Failure> = [
      .badRequest, .requestTimeout, .contentTooLarge, .targetTooLong, .headTooLarge,
      .internalError, .unavailable,
    ]
    // A key in a query string is refused everywhere.
    all.insert(.unauthorized)
    if permission != nil { all.formUnion([.forbidden, .tooManyRequests]) }
    if kind.hasKeysInBody { all.formUnion([.tooManyRequests, .locked]) }
    if method == .post { all.insert(.unsupportedMediaType) }
    if kind.isWrite { all.formUnion([.conflict, .storageFull]) }
    if pattern.contains("{"), !kind.hasKeysInBody { all.insert(.notFound) }
    // A page of a history that was restored since.
    if kind.parameters.contains(.next) { all.insert(.conflict) }
    all.formUnion(own)
    return all.sorted { $0.status < $1.status }
  }
}

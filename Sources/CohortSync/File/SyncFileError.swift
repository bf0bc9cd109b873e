package import CohortWire

/// What is wrong with a file of a sync.
package enum SyncFileError: Error, Hashable, Sendable {
  case unreadable(path: String, reason: String)
  case notJSON(JSONError)
  /// A field that there is not; `nearest` is `nil` where none is known.
  case unknownField(String, nearest: String?)
  case missing(String, String)
  case wrong(String, String)
  /// Of several fields exactly one must be given.
  case notOne(String, of: [String], given: Int)
  /// A key stands in the file itself.
  case literalSecret(String)
  case cron(CronError)
  case unknownTimeZone(String, nearest: String?)
}

extension SyncFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "'\(path)' cannot be read (\(reason)). Check its name and its rights."
    case .notJSON(let error): error.description
    case .unknownField(let field, nil): "There is no field '\(field)' here. Leave it out."
    case .unknownField(let field, let nearest?):
      "There is no field '\(field)'; the nearest is '\(nearest)'. Correct it or leave it out."
    case .missing(let field, let what): "'\(field)' is missing. Write \(what)."
    case .wrong(let field, let what): "'\(field)' is not \(what). Write \(what) there."
    case .notOne(let field, let keys, let given):
      "'\(field)' has \(given == 0 ? "none" : "\(given)") of \(keys.joined(separator: ", ")). "
        + "Write exactly one of them."
    case .literalSecret(let field):
      "'\(field)' is no object, and keys do not stand in this file. "
        + "Write {\"env\":\"NAME\"} or {\"file\":\"PATH\"}."
    case .cron(let error): error.description
    case .unknownTimeZone(let name, let nearest):
      "There is no time zone '\(name)'\(nearest.map { "; the nearest is '\($0)'" } ?? ""). "
        + "Write a name such as Europe/Berlin."
    }
  }
}

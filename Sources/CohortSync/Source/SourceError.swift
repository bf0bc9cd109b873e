import CohortModel
package import CohortWire

/// Why the rows of a model could not be read to their end.
///
/// Nothing is sent then.
package enum SourceError: Error, Hashable, Sendable {
  case unreadable(path: String, reason: String)
  case csv(CSVError)
  case line(LineError)
  case json(line: Int, JSONError)
  case notObject(line: Int)
  case noColumn(String, nearest: String?)
  case notStarted(program: String, reason: String)
  case failed(program: String, code: Int32)
  case killed(program: String, signal: Int32)
  case keys([KeyFault], count: Int)
  case tooLarge(rows: Int)
  case interrupted
}

extension SourceError {
  /// A column that is asked for and is not among the known ones.
  static func noColumn(_ name: String, among known: [String]) -> SourceError {
    .noColumn(
      name, nearest: NearestText.nearest(to: name, in: known).map { String($0.prefix(64)) })
  }
}

extension SourceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "The source '\(path)' cannot be read (\(reason)). Check its name and its rights."
    case .csv(let error): error.description
    case .line(let error): error.description
    case .json(let line, let error): "Line \(line) of the source: \(error.description)"
    case .notObject(let line):
      "Line \(line) of the source is no JSON object. Print one object a line, or CSV."
    case .noColumn(let name, let nearest):
      "The source has no column '\(name)'"
        + (nearest.map { "; the nearest is '\($0)'" } ?? "")
        + ". Correct the query or the file of the sync."
    case .notStarted(let program, let reason):
      "The command '\(program)' cannot be started (\(reason)). Check its name and the PATH."
    case .failed(let program, let code):
      "The command '\(program)' ended with code \(code). "
        + "Nothing of what it printed counts; see what it said."
    case .killed(let program, let signal):
      "The command '\(program)' was ended by signal \(signal). "
        + "Nothing of what it printed counts; run it again."
    case .keys(let faults, let count): Self.keys(faults, count)
    case .tooLarge(let rows):
      "The source has more than the \(rows) rows that one sync holds. Split the model."
    case .interrupted: "The run was asked to stop. Run it again."
    }
  }

  private static func keys(_ faults: [KeyFault], _ count: Int) -> String {
    var parts = faults.map { fault in
      switch fault.reason {
      case .null: "row \(fault.row) has none"
      case .missing: "row \(fault.row) lacks the field"
      case .notText: "row \(fault.row) has neither a text nor a number"
      case .duplicate(let first): "row \(fault.row) repeats that of row \(first)"
      }
    }
    if count > faults.count { parts.append("\(count - faults.count) more") }
    return "The primary key does not name every row: \(parts.joined(separator: ", ")). "
      + "Choose a column that is never null and unique, and run again."
  }
}

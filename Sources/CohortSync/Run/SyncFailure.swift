package import CohortModel

/// Why a run could not be begun, or not be ended.
///
/// Nothing is lost by it.
package enum SyncFailure: Error, Sendable {
  case file(SyncFileError)
  case secret(SecretError)
  case source(SourceError)
  case storage(path: String, FileFailure)
  case locked(String)
  case otherDestination(String)
  case laterState(path: String, UInt8)
  case noCohort(CohortName)
  case noSchedule(String)
  case sameName(String)
}

extension SyncFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let error): error.description
    case .secret(let error): error.description
    case .source(let error): error.description
    case .storage(let path, let failure):
      "'\(path)' cannot be read or written (\(failure.words)). "
        + "Check its rights and the free space, or name another folder with --state."
    case .locked(let name):
      "Another run of '\(name)' is going on. Wait for its end, or look with 'cohort sync status'."
    case .otherDestination(let path):
      "The state '\(path)' belongs to another destination, cohort or kind of identifier. "
        + "Name another folder with --state, or begin anew with --full."
    case .laterState(let path, let version):
      "The state '\(path)' was written by a later release (version \(version)). "
        + "Use that release, or begin anew with --full."
    case .noCohort(let name):
      "The ledger has no cohort \(name), and 'update' does not make one. "
        + "Correct its id, or write 'create'."
    case .noSchedule(let name):
      "The sync '\(name)' has no 'schedule'. Add one, or run it with 'cohort sync run'."
    case .sameName(let name):
      "Two files have the name '\(name)'. Give every sync a name of its own."
    }
  }
}

extension SyncFailure {
  /// Carries out something with a file.
  static func storage<Value>(
    _ path: String, _ body: () throws(FileFailure) -> Value
  ) throws(SyncFailure) -> Value {
    do throws(FileFailure) { return try body() } catch {
      throw .storage(path: path, error)
    }
  }
}

extension RunHistory {
  /// The history of a sync.
  ///
  /// - Throws: ``SyncFailure/storage(path:_:)`` if there is one that cannot be read.
  package static func read(_ state: StateFolder) throws(SyncFailure) -> RunHistory {
    try SyncFailure.storage(state.history) { () throws(FileFailure) in
      try RunHistory(state.history)
    }
  }
}

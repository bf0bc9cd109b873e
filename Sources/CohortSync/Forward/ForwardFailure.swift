/// Why a forwarding could not be begun, or not be gone on with.
///
/// Nothing is lost by it.
package enum ForwardFailure: Error, Sendable {
  case secret(SecretError)
  case storage(path: String, FileFailure)
  case locked(String)
  /// The destination is the ledger itself.
  case sameLedger
  /// The state is of another ledger or destination.
  case otherState(String)
  case laterState(path: String, UInt8)
}

extension ForwardFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .secret(let error): error.description
    case .storage(let path, let failure):
      "'\(path)' cannot be read or written (\(failure.words)). "
        + "Check its rights and the free space, or name another folder with --state."
    case .locked(let name):
      "Another process forwards by '\(name)'. End it, or wait for its end."
    case .sameLedger:
      "The destination is the ledger itself. Name another endpoint in 'destination.endpoint'."
    case .otherState(let path):
      "The state '\(path)' belongs to another ledger or another destination. "
        + "Name another folder with --state, or begin anew with --full."
    case .laterState(let path, let version):
      "The state '\(path)' was written by a later release (version \(version)). "
        + "Use that release, or begin anew with --full."
    }
  }
}

extension ForwardFailure {
  /// Carries out something with a file.
  static func storage<Value>(
    _ path: String, _ body: () throws(FileFailure) -> Value
  ) throws(ForwardFailure) -> Value {
    do throws(FileFailure) { return try body() } catch {
      throw .storage(path: path, error)
    }
  }
}

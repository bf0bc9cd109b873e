package import CohortModel

/// Why the bytes of a whole frame are not events that this release can read.
package enum EventFault: Error, Hashable, Sendable {
  /// A later release has written an event that this one does not know.
  case unknownKind(UInt8, at: Position)
  case unknownVersion(UInt8, of: EventKind, at: Position)
  /// `offset` is that of the byte in the file where reading stopped.
  case malformed(EventFlaw, at: Position, offset: UInt64)

  package var position: Position {
    switch self {
    case .unknownKind(_, let at), .unknownVersion(_, _, let at), .malformed(_, let at, _): at
    }
  }
}

/// What is wrong with the bytes of an event.
package enum EventFlaw: Error, Hashable, Sendable {
  case cutShort
  /// The same could have been said in fewer bytes, or a flag is neither 0 nor 1.
  case notCanonical
  /// A number, tag or count that cannot be.
  case outOfRange
  case tooDeep
  /// Bytes are left over behind the payload, the receipt, or the last event.
  case leftOver
  /// The texts do not fill the private area.
  case privateArea
  case users(PackedUsersFault)
}

extension EventFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownKind(let kind, let at):
      "The event \(at) is of kind \(kind), which this release does not know. "
        + "Use the release that wrote it, or a newer one."
    case .unknownVersion(let version, let kind, let at):
      "The event \(at), \(kind), has version \(version), which this release does not know. "
        + "Use the release that wrote it, or a newer one."
    case .malformed(let flaw, let at, let offset):
      "The event \(at) cannot be read from byte \(offset) of the log on: \(flaw). "
        + "Repair the range from a backup with `cohort repair`."
    }
  }
}

extension EventFlaw: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cutShort: "it ends too early"
    case .notCanonical: "it is not in its one accepted form"
    case .outOfRange: "it holds a number that cannot be"
    case .tooDeep: "its filter is nested too deeply"
    case .leftOver: "there are bytes left over"
    case .privateArea: "its texts do not fit the private area"
    case .users: "its set of users cannot be read"
    }
  }
}

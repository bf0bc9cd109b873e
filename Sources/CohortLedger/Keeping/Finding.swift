public import CohortModel

/// Something in a log that is not as it was written, and where.
public struct Finding: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Bytes that are no frame, or one that does not continue the log; why, if that is known.
    case unreadable(String)
    /// The events of a whole frame do not give the root that it names.
    case root
    /// An event that is not written as events are.
    case malformed(String)
    /// An event that cannot have happened.
    case impossible(String)
    /// A text that is neither intact nor erased.
    case textDamaged(TextName)
    /// A text that is zero, and no erasure explains it.
    case textLost(TextName)
    /// An erasure is marked as finished, and a text that it names is still there.
    case textNotErased(TextName)
    /// An older tree head does not fit: this log is not a continuation of the one it is of.
    case otherHistory(TreeHead)
    /// An older tree head has more events than the log.
    case shorter(TreeHead)
  }

  public let kind: Kind
  /// In bytes from the start of the log; `nil` where no bytes are to blame.
  public let bytes: Range<UInt64>?
  /// Events that cannot be read, or the one concerned.
  public let positions: ClosedRange<Position>?
  /// Of the frame before, or of the frame itself.
  public let after: Instant?
  /// Of the next frame that can be read.
  public let before: Instant?
  /// As far as they are known.
  public var cohorts: [CohortID] = []
}

extension Finding: CustomStringConvertible {
  public var description: String {
    [fact, place, "Repair it from a backup with 'cohort repair'."].joined(separator: " ")
  }

  private var fact: String {
    switch kind {
    case .unreadable(let reason): "The log cannot be read: \(reason)"
    case .root: "The events do not give the root that their frame names."
    case .malformed(let reason): reason
    case .impossible(let reason): "An event cannot have happened: \(reason)."
    case .textDamaged(let name): "Text \(name.item) of event \(name.position) is damaged."
    case .textLost(let name):
      "Text \(name.item) of event \(name.position) is gone, and no erasure says so."
    case .textNotErased(let name):
      "Text \(name.item) of event \(name.position) should be erased and is still there."
    case .otherHistory(let head):
      "The tree of \(head.size) events has another root than the one given: another history."
    case .shorter(let head):
      "The log has fewer events than the \(head.size) of the tree head given: it was set back."
    }
  }

  private var place: String {
    var parts: [String] = []
    if let bytes { parts.append("bytes \(bytes.lowerBound) to \(bytes.upperBound)") }
    if let positions {
      parts.append("positions \(positions.lowerBound) to \(positions.upperBound)")
    }
    if let after { parts.append("after \(after.microseconds) µs") }
    if let before { parts.append("before \(before.microseconds) µs") }
    if !cohorts.isEmpty {
      parts.append("cohorts \(cohorts.map(\.description).joined(separator: ", "))")
    }
    return parts.isEmpty ? "" : "Place: \(parts.joined(separator: ", "))."
  }
}

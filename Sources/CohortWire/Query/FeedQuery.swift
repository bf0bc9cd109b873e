package import CohortModel

/// What a reader of the feed asks for, but for where it stands: `/ledger/events?…`.
package struct FeedQuery: Hashable, Sendable {
  /// As it was sent; `nil` for the beginning of the log.
  package let after: Text?
  /// `nil` if nothing was said.
  package let limit: Int?
  /// Seconds for which an answer may wait for the first event.
  package let wait: Int
  /// By their names; `nil` for all.
  package let types: Set<String>?
  package let showsIdentifiers: Bool

  /// - Throws: ``WireError``, 400; for a type that no event has, with the nearest.
  package init(_ query: Query) throws(WireError) {
    after = query[.after]
    limit = query.has(.limit) ? try query.limit() : nil
    wait = try query.number(.wait, in: 0...60, or: 0)
    types = try Self.types(query[.types])
    showsIdentifiers = try query.choice(.identifiers, ["all", "none"]) == "all"
  }

  private static func types(_ text: Text?) throws(WireError) -> Set<String>? {
    guard let text else { return nil }
    var types: Set<String> = []
    for name in text.bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let type = Event.typeNames.first(where: { $0.utf8.elementsEqual(name) }) else {
        throw .unknown("type of event", name, known: Event.typeNames)
      }
      types.insert(type)
    }
    return types
  }
}

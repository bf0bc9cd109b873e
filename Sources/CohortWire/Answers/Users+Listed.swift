package import CohortModel

// Members with their identifiers, a thousand or a million at a time. Most users have an external
// id and nothing else: its bytes go from the directory into the JSON, and no value is made of them.

extension JSONWriter {
  /// Writes users with the identifiers they bore at a position, as ``listed(_:)`` writes one, as
  /// elements of an array or each in a line of its own.
  ///
  ///     {"user":17,"external_id":"c-17","aliases":[],"device_ids":[]},…
  ///
  /// - Complexity: About 40 ns for each user with an external id and nothing else.
  package mutating func listed(
    _ users: Span<UInt32>, in state: LedgerState, at position: Position, asLines: Bool = false
  ) {
    // About what they take, so that the bytes move once.
    bytes.reserveCapacity(bytes.count + users.count * 80)
    let directory = state.directory
    let isNobodyErased = state.erasures.isEmpty
    for index in users.indices {
      let user = users[index]
      if asLines { needsComma = false }
      let isPlain =
        (isNobodyErased || state.erasures.erasure(of: UserID(user)) == nil)
        && directory.withOnlyExternalID(of: UserID(user), at: position) { text in
          listed(user, externalID: text)
        }
      if !isPlain { listed(state.shown(UserID(user), at: position)) }
      if asLines { endLine() }
    }
  }

  @inline(__always)
  private mutating func listed(_ user: UInt32, externalID text: Span<UInt8>) {
    let isUnescaped = ByteScanner.endOfUnescaped(in: text, from: 0) == text.count
    let comma = needsComma
    bytes.append(addingCapacity: 37 + (isUnescaped ? text.count : 0)) { output in
      if comma { output.append(UInt8(ascii: ",")) }
      Self.beginUser.appendBytes(to: &output)
      user.appendDigits(to: &output)
      Self.beginID.0.appendBytes(to: &output)
      Self.beginID.1.appendBytes(to: &output)
      if isUnescaped { for place in text.indices { output.append(text[place]) } }
    }
    if !isUnescaped {
      // The quotation mark that has been written stands before the first part.
      bytes.removeLast()
      needsComma = false
      string(utf8: text)
      bytes.removeLast()
    }
    bytes.append(contentsOf: Self.behindID)
    needsComma = true
  }

  private static let beginID = (word(",\"extern"), word("al_id\":\""))
  private static let behindID = Array("\",\"aliases\":[],\"device_ids\":[]}".utf8)

  /// Eight letters, the first in the lowest byte.
  private static func word(_ text: String) -> UInt64 {
    text.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

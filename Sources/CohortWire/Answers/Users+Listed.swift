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
    bytes.append(addingCapacity: 69 + (isUnescaped ? text.count : 0)) { output in
      if comma { output.append(UInt8(ascii: ",")) }
      Self.beginUser.appendBytes(to: &output)
      user.appendDigits(to: &output)
      Self.beginID.0.appendBytes(to: &output)
      Self.beginID.1.appendBytes(to: &output)
      if isUnescaped {
        for place in text.indices { output.append(text[place]) }
        Self.appendBehindID(to: &output)
      }
    }
    if !isUnescaped {
      // The quotation mark that has been written stands before the first part.
      bytes.removeLast()
      needsComma = false
      string(utf8: text)
      bytes.removeLast()
      bytes.append(addingCapacity: 32) { Self.appendBehindID(to: &$0) }
    }
    needsComma = true
  }

  private static let beginID = (word(",\"extern"), word("al_id\":\""))
  private static let behindID = (
    word("\",\"alias"), word("es\":[],\""), word("device_i"), word("ds\":[]}")
  )

  /// Words, because an array would be held and let go for every user, by all threads at once.
  @inline(__always)
  private static func appendBehindID(to output: inout OutputSpan<UInt8>) {
    let words = behindID
    words.0.appendBytes(to: &output)
    words.1.appendBytes(to: &output)
    words.2.appendBytes(to: &output)
    words.3.appendBytes(to: &output)
    // The last has seven letters.
    output.removeLast(1)
  }

  /// At most eight letters, the first in the lowest byte.
  private static func word(_ text: String) -> UInt64 {
    text.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

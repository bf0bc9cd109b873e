extension Directory {
  /// Calls `body` with the text of the one identifier that `user` ever had, if that is its external
  /// id and is there: so it is with most users.
  ///
  /// - Returns: Whether it was called. If not, ``forEachIdentifier(of:at:_:)`` tells all there is.
  /// - Complexity: O(1); nothing is copied.
  @inline(__always)
  package func withOnlyExternalID(
    of user: UserID, at position: Position, _ body: (Span<UInt8>) -> Void
  ) -> Bool {
    guard contains(user) else { return false }
    let list = users[Int(user.rawValue)].list
    let number = list & UserRecord.numberMask
    guard list & UserRecord.ringBit == 0, number != 0 else { return false }
    let record = identifiers[Int(number)]
    guard record.bearer == user.rawValue, record.role == .primary, record.length > 0,
      latest[Int(number)] == 0,
      position == .never || introduced(IdentifierID(number)) <= position
    else { return false }
    texts.withText(at: Int(record.word), count: record.length, body)
    return true
  }
}

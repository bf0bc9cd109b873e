/// One user who came into a cohort or went.
package struct UserTurn: Hashable, Sendable {
  package let position: Position
  package let user: UInt32
  package let direction: Direction
}

extension HistoryBlock {
  /// Appends who of `range` came and went, row by row.
  ///
  /// - Complexity: About 50 ns a row, and 3 ns a turn.
  package func appendTurns(of range: ClosedRange<UInt32>, to turns: inout [UserTurn]) {
    let span = bytes.span
    for row in rows {
      let (position, direction) = (row.position, row.kind.direction)
      PackedUsers.forEach(in: span, at: Int(row.start), within: range) { user in
        turns.append(UserTurn(position: position, user: user, direction: direction))
      }
    }
  }
}

extension FoldWindow {
  /// Moves the window over turns that follow one another; those of others are passed over.
  ///
  /// - Complexity: About a nanosecond each.
  package mutating func change(_ turns: Span<UserTurn>) {
    let (range, first) = (range, Int(range.lowerBound >> 6))
    var words = self.words.mutableSpan
    for index in turns.indices {
      let turn = turns[index]
      guard range.contains(turn.user) else { continue }
      let word = Int(turn.user >> 6) - first
      let bit = UInt64(turn.user & 63)
      let isIn: UInt64 = turn.direction == .entering ? 1 : 0
      words[word] = words[word] & ~(1 << bit) | isIn << bit
    }
  }
}
